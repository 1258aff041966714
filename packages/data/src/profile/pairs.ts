import type { ColumnPair } from './profile-types.ts'
import { codesOf, type SampleColumn } from './sample-column.ts'
import { correlationRatio, cramersV, mutualInformation, ordered, pearson, spearman } from './statistics.ts'

/** So many columns are held against each other; of more, the first. */
export const mostPaired = 40

/** How columns hang together, the closest first. */
export function pairsOf(columns: readonly SampleColumn[]): readonly ColumnPair[] {
  const usable = columns
    .filter(({ kind }) => kind === 'number' || kind === 'category' || kind === 'time')
    .slice(0, mostPaired)
  const codes = new Map(usable.map((column) => [column, codesOf(column)]))
  const orders = new Map(
    usable.flatMap((column) =>
      column.numbers === undefined ? [] : [[column, ordered(column.numbers)] as const],
    ),
  )
  const pairs: ColumnPair[] = []
  usable.forEach((a, i) => {
    for (const b of usable.slice(i + 1)) {
      const [codesA, codesB] = [codes.get(a), codes.get(b)]
      if (codesA === undefined || codesB === undefined) continue
      const shared = { a: a.name, b: b.name, mutualInformation: mutualInformation(codesA, codesB).share }
      const [orderA, orderB] = [orders.get(a), orders.get(b)]
      if (a.numbers !== undefined && b.numbers !== undefined && orderA !== undefined && orderB !== undefined)
        pairs.push({
          ...shared,
          measure: 'pearson',
          value: pearson(a.numbers, b.numbers),
          spearman: spearman(orderA, orderB),
        })
      else if (a.numbers !== undefined)
        pairs.push({ ...shared, measure: 'correlationRatio', value: correlationRatio(codesB, a.numbers) })
      else if (b.numbers !== undefined)
        pairs.push({ ...shared, measure: 'correlationRatio', value: correlationRatio(codesA, b.numbers) })
      else pairs.push({ ...shared, measure: 'cramersV', value: cramersV(codesA, codesB) })
    }
  })
  return pairs.filter(({ value }) => !Number.isNaN(value)).sort((a, b) => strength(b) - strength(a))
}

export const strength = ({ value, spearman: rho = 0 }: ColumnPair): number =>
  Math.max(Math.abs(value), Number.isNaN(rho) ? 0 : Math.abs(rho))
