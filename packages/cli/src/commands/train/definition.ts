/** `commands/train/`: a model of a table, judged and kept. It knows `files/`, `program/` and the lines of `report/`. */
import { defineCommand } from '../../program/definition.ts'
import { budget, force, list, number, numbers, oneOf, ranges, seed, text } from '../../program/options.ts'

export const train = defineCommand({
  name: 'train',
  summary: {
    en: 'Train a model of a table, judge it on unseen rows, and keep it.',
    zh: '训练表格模型，在未见过的行上评判，并保存。',
  },
  details: {
    en: 'Finds the task of the target, fits features and models within folds, blends them, and tells what is reached. Ctrl-C keeps the best so far; a second one ends at once.',
    zh: '识别目标的任务类型，在各折内拟合特征与模型，加以融合，并报告结果。按 Ctrl-C 保留目前最好的模型；再按一次立即结束。',
  },
  arguments: {
    file: { shown: 'FILE', help: { en: 'A table.', zh: '表格。' } },
  },
  options: {
    target: text('COLUMN', {
      short: 't',
      help: {
        en: 'The column that is predicted; several for labels: a,b. Asked for in a terminal.',
        zh: '要预测的列；多个标签写作 a,b。在终端里可由程序询问。',
      },
    }),
    output: text('FILE', {
      short: 'o',
      help: {
        en: 'Where the model goes. Default: the name of the target with .model.',
        zh: '模型文件。默认：目标列名加 .model。',
      },
    }),
    report: text('FILE', {
      help: { en: 'Write the report as a page of HTML too.', zh: '同时把报告写成 HTML 网页。' },
    }),
    task: oneOf(['binary', 'classes', 'labels', 'regression', 'quantiles', 'counts'], 'TASK', {
      help: {
        en: 'binary, classes, labels, regression, quantiles, counts. Default: what the target looks like.',
        zh: 'binary、classes、labels、regression、quantiles、counts。默认由目标列判断。',
      },
    }),
    quantiles: numbers('LEVELS', ranges.share, {
      help: {
        en: 'Levels to predict: 0.1,0.5,0.9.',
        zh: '要预测的分位数：0.1,0.5,0.9。',
      },
    }),
    positive: text('VALUE', {
      help: {
        en: 'Of two classes, the one whose probability counts. Default: the later one by the alphabet, or the greater number.',
        zh: '二分类中计算概率的类别。默认：字母序靠后者，或较大的数。',
      },
    }),
    ignore: list('COLUMNS', {
      help: {
        en: 'Columns that are no features: id,name.',
        zh: '不作为特征的列：id,name。',
      },
    }),
    groups: text('COLUMN', {
      help: {
        en: 'Rows that are equal here stay together: customers, patients.',
        zh: '此列相同的行不拆开：客户、病人。',
      },
    }),
    time: text('COLUMN', {
      help: {
        en: 'Judge on rows that are later by this column.',
        zh: '在此列较晚的行上评判。',
      },
    }),
    testShare: number('SHARE', ranges.share, {
      help: {
        en: 'Rows that are held back to judge by. Default 0.2.',
        zh: '留作评判的行的比例。默认 0.2。',
      },
    }),
    folds: number('COUNT', ranges.whole(2), {
      help: { en: 'Default 5, and 3 of more than 20000 rows.', zh: '折数。默认 5，超过 20000 行时为 3。' },
    }),
    budget,
    models: list('NAMES', {
      help: {
        en: "What is tried beside the linear model: 'trees,small trees'. Default: all.",
        zh: "除线性模型外要尝试的模型：'trees,small trees'。默认全部。",
      },
    }),
    refit: oneOf(['all', 'training', 'none'], 'ROWS', {
      help: {
        en: "What the model learns from in the end: all, the rows that judge it too; training, those that do not; none keeps the folds' models. Default: all.",
        zh: '最后用哪些行再拟合：all 为全部行，包括评判用的行；training 为其余的行；none 保留各折的模型。默认 all。',
      },
    }),
    costs: numbers('WRONG,MISSED', ranges.positive, {
      help: {
        en: 'Of two classes: what a false alarm and a missed case cost, which moves the threshold: 1,5.',
        zh: '二分类：误报与漏报的代价，用于决定阈值：1,5。',
      },
    }),
    seed,
    force,
  },
  hasJson: true,
  examples: [
    [
      'typegrad train customers.csv --target churn --ignore id -o churn.model',
      { en: 'within a minute', zh: '一分钟之内' },
    ],
    [
      'typegrad train sales.parquet -t amount --time day --budget 600',
      { en: 'judged on later days, for ten minutes', zh: '在较晚的日期上评判，用十分钟' },
    ],
    [
      'typegrad train visits.csv -t readmitted --groups patient --costs 1,5',
      { en: 'a missed case costs five false alarms', zh: '漏报的代价是误报的五倍' },
    ],
  ],
})
