import { type RecommendReport, recommendNoteText } from '@typegrad/tabular'
import { countText } from '../../files/size.ts'
import type { Text } from '../../language/text.ts'
import type { CommandContext } from '../../program/context.ts'
import { aligned, listing } from '../../terminal/listing.ts'
import { wrapped } from '../../terminal/text-width.ts'
import { digits, scoreLines } from './report-lines.ts'

const tasks: Readonly<Record<RecommendReport['task'], Text>> = {
  ratings: { en: 'ratings that are expected', zh: '预测评分' },
  ranking: { en: 'lists of what will be taken', zh: '排出将被选择的列表' },
}

const splits: Readonly<Record<RecommendReport['split'], Text>> = {
  last: { en: 'the latest of each user', zh: '每个用户最晚的行' },
  date: { en: 'the latest of all', zh: '全体最晚的行' },
  random: { en: 'rows at random', zh: '随机的行' },
}

/** The report of a recommender in lines. */
export function recommendLines(
  report: RecommendReport,
  userFeatures: readonly string[],
  context: CommandContext,
): string[] {
  const { task, user, item, rating, split, rows, scores, coverage, k, candidates, remarks, seconds } = report
  const say = (text: Text): string => context.say(text)
  const [best] = scores
  const counted = ({ count, column }: { readonly count: number; readonly column: string }): string =>
    `${countText(count)} (${column})`
  return [
    ...listing(
      [
        [say({ en: 'task', zh: '任务' }), say(tasks[task])],
        [say({ en: 'users', zh: '用户' }), counted(user)],
        [say({ en: 'items', zh: '物品' }), counted(item)],
        ...(rating === undefined ? [] : [[say({ en: 'ratings', zh: '评分' }), rating] as const]),
        ...(userFeatures.length === 0
          ? []
          : [[say({ en: 'features of users', zh: '用户特征' }), userFeatures.join(', ')] as const]),
        [
          say({ en: 'rows', zh: '行数' }),
          say({
            en: `${countText(rows.training)} to learn from, ${countText(rows.watched)} to choose by, ${countText(rows.test)} to be judged on`,
            zh: `${countText(rows.training)} 行用于学习，${countText(rows.watched)} 行用于选择，${countText(rows.test)} 行用于评判`,
          }),
        ],
        [say({ en: 'held back', zh: '留出' }), say(splits[split])],
        [say({ en: 'time', zh: '用时' }), `${seconds.toFixed(1)} s`],
      ],
      context.columns,
    ),
    '',
    say({ en: 'On rows that nothing was learned from:', zh: '在没有参与学习的行上：' }),
    ...scoreLines(scores, context),
    say({
      en: `  ${(100 * coverage).toFixed(1)} % of the items are in some list of ${k}.`,
      zh: `  ${(100 * coverage).toFixed(1)} % 的物品出现在某个长度为 ${k} 的列表中。`,
    }),
    '',
    say({ en: 'Models:', zh: '模型：' }),
    ...aligned(
      [
        [say({ en: 'model', zh: '模型' }), say({ en: 'weight', zh: '权重' }), best?.metric ?? ''],
        ...candidates.map(({ name, weight, scores: [first] }) => [
          name,
          weight.toFixed(3),
          first === undefined ? '' : digits(first.value),
        ]),
      ],
      ['left', 'right', 'right'],
    ).map((line) => `  ${line}`),
    ...(remarks.length === 0 ? [] : ['', say({ en: 'Notes:', zh: '注意：' })]),
    ...remarks.flatMap((one) =>
      wrapped(`  - ${recommendNoteText(one, context.language)}`, context.columns, '    '),
    ),
  ]
}
