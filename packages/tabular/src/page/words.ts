import type { TaskKind } from '../tasks/task.ts'

/** Languages that a report is written in. */
export type ReportLanguage = 'en' | 'zh'

/** All that a page says, in one language. */
export interface Words {
  readonly title: (target: string) => string
  readonly tasks: Readonly<Record<TaskKind, string>>
  readonly asked: string
  readonly target: string
  readonly task: string
  readonly rowsLearned: string
  readonly rowsJudged: string
  readonly columns: string
  readonly time: string
  readonly seconds: (seconds: string) => string
  readonly energy: string
  /** The sentence for everyone. */
  readonly summary: (rows: string, metric: string, value: string, low: string, high: string) => string
  readonly against: (others: readonly (readonly [name: string, value: string])[]) => string
  readonly better: string
  readonly notBetter: string
  readonly reached: string
  readonly reachedNote: string
  readonly model: string
  readonly final: string
  readonly weight: string
  readonly metric: string
  readonly value: string
  readonly interval: string
  readonly candidates: Readonly<Record<string, string>>
  readonly decisions: string
  readonly roc: readonly [title: string, x: string, y: string]
  readonly precisionRecall: readonly [title: string, x: string, y: string]
  readonly gain: readonly [title: string, x: string, y: string]
  readonly calibration: readonly [title: string, x: string, y: string]
  readonly calibrationOfNumbers: readonly [title: string, x: string, y: string]
  readonly pairs: readonly [title: string, x: string, y: string]
  readonly coverage: readonly [title: string, x: string, y: string]
  readonly liftNote: (share: string, found: string, times: string) => string
  readonly label: string
  readonly labelShare: string
  readonly confusion: string
  readonly confusionNote: (threshold: string) => string
  readonly confusionOfClasses: string
  readonly actual: string
  readonly predicted: string
  readonly looksAt: string
  readonly looksAtNote: (loss: string) => string
  readonly dependence: string
  readonly dependenceNote: string
  readonly weak: string
  readonly weakNote: (loss: string, all: string) => string
  readonly noWeak: string
  readonly slice: string
  readonly rows: string
  readonly errors: string
  readonly mistakes: string
  readonly mistakesNote: string
  readonly row: string
  readonly made: string
  readonly calibratedBy: (kind: 'temperature' | 'isotonic', temperature: string) => string
  readonly notCalibrated: string
  readonly blended: (loss: string) => string
  readonly kindsOfColumns: Readonly<Record<'numbers' | 'categories' | 'dates' | 'texts', string>>
  readonly dropped: string
  readonly notes: string
}

const en: Words = {
  title: (target) => `A model of ${target}`,
  tasks: {
    binary: 'one of two classes',
    classes: 'one of several classes',
    labels: 'any of several labels',
    regression: 'a number',
    quantiles: 'quantiles of a number',
    counts: 'a count',
    ranking: 'an order of rows',
  },
  asked: 'What was asked',
  target: 'Predicted',
  task: 'Task',
  rowsLearned: 'Rows learned from',
  rowsJudged: 'Rows judged on',
  columns: 'Columns used',
  time: 'Training took',
  seconds: (seconds) => `${seconds} s`,
  energy: 'Energy it took',
  summary: (rows, metric, value, low, high) =>
    `On ${rows} rows that nothing was learned from, the model reaches ${metric} ${value}. With 95 % confidence it is between ${low} and ${high}.`,
  against: (others) =>
    `For comparison: ${others.map(([name, value]) => `${name} reaches ${value}`).join(', ')}.`,
  better: 'The model is better than both by more than chance.',
  notBetter: 'That the model is better than both may be chance: the intervals overlap.',
  reached: 'What it reaches',
  reachedNote:
    'Dots are what each model reaches on the rows that are judged on, lines the intervals of 95 %, by drawing rows again and again.',
  model: 'Model',
  final: 'the blend',
  weight: 'Weight',
  metric: 'Metric',
  value: 'Value',
  interval: '95 % interval',
  candidates: {
    constant: 'a constant',
    linear: 'a linear model',
    trees: 'boosted trees',
    'small trees': 'small boosted trees',
    'large trees': 'large boosted trees',
  },
  decisions: 'How its predictions hold',
  roc: ['ROC curve', 'false positives, of all negatives', 'true positives, of all positives'],
  precisionRecall: [
    'Precision and recall',
    'recall: positives that are found',
    'precision: right among found',
  ],
  gain: ['Gain', 'rows, the most probable first', 'positives that are found'],
  calibration: ['Calibration', 'predicted probability', 'how often it is so'],
  calibrationOfNumbers: ['Calibration', 'predicted, tenths of the rows', 'mean of what there is'],
  pairs: ['Predicted and actual', 'predicted', 'actual'],
  coverage: ['Coverage', 'level', 'share of rows below'],
  liftNote: (share, found, times) =>
    `The ${share} of the rows with the highest probabilities hold ${found} of all positives: ${times} times as many as chance would find.`,
  label: 'Label',
  labelShare: 'Rows with it',
  confusion: 'Decisions',
  confusionNote: (threshold) =>
    `Rows by what they are and what was decided, with the threshold at ${threshold}.`,
  confusionOfClasses: 'Rows by what they are and which class was likeliest.',
  actual: 'actual',
  predicted: 'predicted',
  looksAt: 'What it looks at',
  looksAtNote: (loss) =>
    `How much the ${loss} rises when the cells of a column change places among the rows: the mean of three draws, and their range. Columns that say the same share it.`,
  dependence: 'How predictions depend on it',
  dependenceNote:
    'The mean prediction if all rows had one value of the column and kept the others. It tells what the model does, not what causes what.',
  weak: 'Where it is weak',
  weakNote: (loss, all) =>
    `Parts of the rows that are predicted worse than the others by more than chance. On average, the ${loss} of a row is ${all}.`,
  noWeak: 'No part of the rows is predicted worse than the others by more than chance.',
  slice: 'Rows with',
  rows: 'Rows',
  errors: 'Standard errors above the others',
  mistakes: 'Worst mistakes',
  mistakesNote:
    'Rows that were predicted worst, with the columns that matter most. They are where errors in the data show first.',
  row: 'Row',
  made: 'How it was made',
  calibratedBy: (kind, temperature) =>
    kind === 'isotonic'
      ? 'Probabilities were made true to size by isotonic regression on watched rows, where it was better than a temperature.'
      : `Probabilities were made true to size on watched rows: log-odds divided by ${temperature}.`,
  notCalibrated: 'Numbers are predicted as they are learned.',
  blended: (loss) =>
    `Each candidate was fitted to several parts of the rows while the rest was watched; weights are those with the least ${loss} on watched rows.`,
  kindsOfColumns: { numbers: 'Numbers', categories: 'Categories', dates: 'Dates', texts: 'Texts' },
  dropped: 'Left out',
  notes: 'To be known',
}

const zh: Words = {
  title: (target) => `${target} 的模型`,
  tasks: {
    binary: '两个类别之一',
    classes: '多个类别之一',
    labels: '多个标签（可同时成立）',
    regression: '一个数值',
    quantiles: '一个数值的分位数',
    counts: '一个计数',
    ranking: '行的排序',
  },
  asked: '任务',
  target: '预测目标',
  task: '任务类型',
  rowsLearned: '训练行数',
  rowsJudged: '评估行数',
  columns: '使用的列',
  time: '训练用时',
  seconds: (seconds) => `${seconds} 秒`,
  energy: '训练能耗',
  summary: (rows, metric, value, low, high) =>
    `在 ${rows} 行从未参与训练的数据上，模型的 ${metric} 为 ${value}，95% 置信区间为 ${low} 至 ${high}。`,
  against: (others) => `对照：${others.map(([name, value]) => `${name}为 ${value}`).join('，')}。`,
  better: '模型优于两者，差异超出随机波动。',
  notBetter: '模型与两者的区间有重叠，差异可能只是随机波动。',
  reached: '效果',
  reachedNote: '圆点是各模型在评估行上的指标，横线是通过反复抽样行得到的 95% 区间。',
  model: '模型',
  final: '融合模型',
  weight: '权重',
  metric: '指标',
  value: '数值',
  interval: '95% 区间',
  candidates: {
    constant: '常数',
    linear: '线性模型',
    trees: '提升树',
    'small trees': '小型提升树',
    'large trees': '大型提升树',
  },
  decisions: '预测质量',
  roc: ['ROC 曲线', '假阳性率（占全部阴性）', '真阳性率（占全部阳性）'],
  precisionRecall: ['精确率与召回率', '召回率：找到的阳性', '精确率：找到的行中正确的'],
  gain: ['累积增益', '行数（概率从高到低）', '找到的阳性'],
  calibration: ['校准', '预测概率', '实际频率'],
  calibrationOfNumbers: ['校准', '预测值（按十等分）', '实际均值'],
  pairs: ['预测值与实际值', '预测值', '实际值'],
  coverage: ['覆盖率', '分位水平', '低于该分位数的行占比'],
  liftNote: (share, found, times) =>
    `概率最高的 ${share} 的行包含全部阳性的 ${found}，是随机选取的 ${times} 倍。`,
  label: '标签',
  labelShare: '含该标签的行',
  confusion: '判定结果',
  confusionNote: (threshold) => `按实际类别与判定类别统计的行数，阈值为 ${threshold}。`,
  confusionOfClasses: '按实际类别与最可能类别统计的行数。',
  actual: '实际',
  predicted: '预测',
  looksAt: '模型依据什么',
  looksAtNote: (loss) =>
    `打乱某一列的单元格后 ${loss} 上升多少：三次打乱的平均值及其范围。信息重复的列会分摊重要性。`,
  dependence: '预测如何随之变化',
  dependenceNote: '假设所有行在该列取同一个值、其余列不变时的平均预测。它说明模型的行为，而不是因果关系。',
  weak: '薄弱之处',
  weakNote: (loss, all) => `预测明显差于其他行（超出随机波动）的部分。每行的 ${loss} 平均为 ${all}。`,
  noWeak: '没有哪一部分行的预测明显差于其他行。',
  slice: '满足条件的行',
  rows: '行数',
  errors: '高于其他行的标准误数',
  mistakes: '最严重的错误',
  mistakesNote: '预测最差的行及其最重要的列。数据中的错误往往首先出现在这里。',
  row: '行',
  made: '模型的构建',
  calibratedBy: (kind, temperature) =>
    kind === 'isotonic'
      ? '概率用保序回归在验证行上校准（优于温度缩放）。'
      : `概率在验证行上校准：对数几率除以 ${temperature}。`,
  notCalibrated: '数值按学习结果直接给出。',
  blended: (loss) => `每个候选模型在数据的若干部分上训练，其余部分用于验证；权重取验证行上 ${loss} 最小者。`,
  kindsOfColumns: { numbers: '数值', categories: '类别', dates: '日期', texts: '文本' },
  dropped: '未使用',
  notes: '注意事项',
}

export const words: Readonly<Record<ReportLanguage, Words>> = { en, zh }
