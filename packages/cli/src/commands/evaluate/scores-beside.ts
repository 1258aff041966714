import type { Score } from '@typegrad/tabular'
import type { CommandContext } from '../../program/context.ts'
import { aligned } from '../../terminal/listing.ts'
import { digits } from '../report/report-lines.ts'

/** Scores on other rows beside those that training told of. */
export function scoresBeside(
  scores: readonly Score[],
  told: readonly Score[],
  context: CommandContext,
): string[] {
  const before = new Map(told.map((score) => [score.metric, score]))
  return aligned(
    [
      [
        context.say({ en: 'metric', zh: '指标' }),
        context.say({ en: 'here', zh: '此处' }),
        context.say({ en: '95 % interval', zh: '95 % 区间' }),
        context.say({ en: 'in training', zh: '训练时' }),
      ],
      ...scores.map(({ metric, value, low, high }) => [
        metric,
        digits(value),
        `${digits(low)} – ${digits(high)}`,
        digits(before.get(metric)?.value ?? Number.NaN),
      ]),
    ],
    ['left', 'right', 'left', 'right'],
  ).map((line) => `  ${line}`)
}
