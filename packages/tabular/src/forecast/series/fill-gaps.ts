import { DataError } from 'typegrad/core'

/** What becomes of periods without a value between two that have one. */
export type GapRule = 'refuse' | 'zero' | 'previous' | 'linear'

export const gapRules: readonly GapRule[] = ['refuse', 'zero', 'previous', 'linear']

/** What gaps are told with. */
export interface GapPlace {
  readonly where: string
  readonly rule: GapRule
  /** A period as the table has it. */
  readonly shown: (index: number) => string
}

/**
 * Fills the gaps of values, in place. The first and the last are known.
 *
 * @returns how many there were.
 * @throws DataError, with the first gap, where they are refused.
 */
export function fillGaps(values: Float64Array, { where, rule, shown }: GapPlace): number {
  let filled = 0
  for (let start = values.findIndex(Number.isNaN); start >= 0; start = values.findIndex(Number.isNaN)) {
    let end = start
    while (Number.isNaN(values[end])) end += 1
    if (rule === 'refuse')
      throw new DataError({
        where,
        expected: 'a value in each period',
        received: `${values.filter(Number.isNaN).length} without one, the first ${end - start} from ${shown(start)} to ${shown(end - 1)}`,
        fix: "Say what they are: gaps: 'zero' (nothing happened), 'previous' or 'linear' (it was not measured).",
      })
    const [before, after] = [values[start - 1] as number, values[end] as number]
    for (let t = start; t < end; t++)
      values[t] =
        rule === 'zero'
          ? 0
          : rule === 'previous'
            ? before
            : before + ((after - before) * (t - start + 1)) / (end - start + 1)
    filled += end - start
  }
  return filled
}
