import { noteText, type Score, type TrainReport } from '@typegrad/tabular'
import { countText } from '../../files/size.ts'
import type { Text } from '../../language/text.ts'
import type { CommandContext } from '../../program/context.ts'
import { aligned, listing } from '../../terminal/listing.ts'
import { wrapped } from '../../terminal/text-width.ts'

const kinds: Readonly<Record<TrainReport['task']['kind'], Text>> = {
  binary: { en: 'two classes', zh: '二分类' },
  classes: { en: 'several classes', zh: '多分类' },
  labels: { en: 'several labels', zh: '多标签' },
  regression: { en: 'a number', zh: '回归' },
  quantiles: { en: 'quantiles', zh: '分位数' },
  counts: { en: 'a count', zh: '计数' },
  ranking: { en: 'a ranking', zh: '排序' },
}

/** A number as reports show it: four digits. */
export const digits = (value: number): string =>
  Number.isNaN(value) ? '–' : String(Number(value.toPrecision(4)))

/** A score with its interval. */
export const scoreCells = ({ metric, value, low, high }: Score): readonly string[] => [
  metric,
  digits(value),
  `${digits(low)} – ${digits(high)}`,
]

const sides = ['left', 'right', 'left'] as const

/** Scores as a table with a heading. */
export const scoreLines = (scores: readonly Score[], context: CommandContext): string[] =>
  aligned(
    [
      [
        context.say({ en: 'metric', zh: '指标' }),
        context.say({ en: 'value', zh: '值' }),
        context.say({ en: '95 % interval', zh: '95 % 区间' }),
      ],
      ...scores.map(scoreCells),
    ],
    sides,
  ).map((line) => `  ${line}`)

/** The report of a training in lines. */
export function reportLines(report: TrainReport, context: CommandContext): string[] {
  const { task, rows, scores, candidates, loss, remarks, seconds } = report
  const say = (text: Text): string => context.say(text)
  const [best] = scores
  const classes = task.classes?.map(String).join(', ')
  return [
    ...listing(
      [
        [say({ en: 'target', zh: '目标' }), `${task.target}: ${say(kinds[task.kind])}`],
        ...(task.labels === undefined
          ? []
          : [[say({ en: 'labels', zh: '标签' }), task.labels.join(', ')] as const]),
        ...(classes === undefined ? [] : [[say({ en: 'classes', zh: '类别' }), classes] as const]),
        [
          say({ en: 'rows', zh: '行数' }),
          say({
            en: `${countText(rows.training)} to learn from, ${countText(rows.test)} to be judged on`,
            zh: `${countText(rows.training)} 行用于学习，${countText(rows.test)} 行用于评判`,
          }),
        ],
        [say({ en: 'time', zh: '用时' }), `${seconds.toFixed(1)} s`],
      ],
      context.columns,
    ),
    '',
    say({ en: 'On rows that nothing was learned from:', zh: '在没有参与学习的行上：' }),
    ...scoreLines(scores, context),
    '',
    say({ en: 'Models:', zh: '模型：' }),
    ...aligned(
      [
        [say({ en: 'model', zh: '模型' }), say({ en: 'weight', zh: '权重' }), loss, best?.metric ?? ''],
        ...candidates.map(({ name, weight, validationLoss, scores: [first] }) => [
          name,
          weight.toFixed(3),
          digits(validationLoss),
          first === undefined ? '' : digits(first.value),
        ]),
      ],
      ['left', 'right', 'right', 'right'],
    ).map((line) => `  ${line}`),
    ...(remarks.length === 0 ? [] : ['', say({ en: 'Notes:', zh: '注意：' })]),
    ...remarks.flatMap((one) => wrapped(`  - ${noteText(one, context.language)}`, context.columns, '    ')),
  ]
}
