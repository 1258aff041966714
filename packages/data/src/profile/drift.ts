import type { ColumnDrift } from './profile-types.ts'
import { below, type SampleColumn } from './sample-column.ts'
import { chiSquare, chiSquareTail, kolmogorovSmirnov, stabilityIndex } from './statistics.ts'

/** New categories that are named. */
const mostNamed = 10

/** How columns of the same name differ between two tables, the most different first. */
export function driftOf(
  before: readonly SampleColumn[],
  now: readonly SampleColumn[],
): readonly ColumnDrift[] {
  const others = new Map(now.map((column) => [column.name, column]))
  return before
    .flatMap((column) => {
      const other = others.get(column.name)
      if (other === undefined) return []
      if (column.numbers !== undefined && other.numbers !== undefined) return [ofNumbers(column, other)]
      // Texts of their own in each row differ as such.
      if (column.kind === 'text' || other.kind === 'text') return []
      if (column.labels !== undefined && other.labels !== undefined) return [ofCategories(column, other)]
      return []
    })
    .sort((a, b) => (Number.isNaN(b.psi) ? -1 : b.psi) - (Number.isNaN(a.psi) ? -1 : a.psi))
}

const missingOf = ({ cells }: SampleColumn): number =>
  cells.length === 0 ? 0 : cells.filter((cell) => cell === null).length / cells.length

function ofNumbers(before: SampleColumn, now: SampleColumn): ColumnDrift {
  const x = Array.from(before.numbers ?? []).filter(Number.isFinite)
  const y = Array.from(now.numbers ?? []).filter(Number.isFinite)
  const sorted = Float64Array.from(x).sort()
  const edges = [
    ...new Set(
      Array.from({ length: 9 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / 10)] ?? Number.NaN),
    ),
  ].filter((edge) => !Number.isNaN(edge))
  const counts = (values: readonly number[]): readonly number[] => {
    const binned = new Array<number>(edges.length + 1).fill(0)
    for (const value of values) {
      const bin = below(edges, value)
      binned[bin] = (binned[bin] as number) + 1
    }
    return binned
  }
  return {
    name: before.name,
    psi: stabilityIndex(counts(x), counts(y)),
    test: 'kolmogorovSmirnov',
    ...(x.length > 0 && y.length > 0 ? kolmogorovSmirnov(x, y) : { statistic: Number.NaN, p: Number.NaN }),
    missingBefore: missingOf(before),
    missingNow: missingOf(now),
    newCategories: [],
  }
}

function ofCategories(before: SampleColumn, now: SampleColumn): ColumnDrift {
  const labels = [...new Set([...(before.labels ?? []), ...(now.labels ?? [])])]
  const places = new Map(labels.map((label, i) => [label, i]))
  const counts = ({ codes, labels: own = [] }: SampleColumn): number[] => {
    const counted = new Array<number>(labels.length).fill(0)
    for (const code of codes?.codes ?? []) {
      if (code < 0) continue
      const place = places.get(own[code] as string) as number
      counted[place] = (counted[place] as number) + 1
    }
    return counted
  }
  const [p, q] = [counts(before), counts(now)]
  const { statistic, freedom } = chiSquare(Float64Array.from([...p, ...q]), 2, labels.length)
  const known = new Set(before.labels)
  return {
    name: before.name,
    psi: stabilityIndex(p, q),
    test: 'chiSquare',
    statistic,
    p: chiSquareTail(statistic, freedom),
    missingBefore: missingOf(before),
    missingNow: missingOf(now),
    newCategories: labels
      .map((value, i) => ({ value, count: q[i] as number }))
      .filter(({ value }) => !known.has(value))
      .sort((a, b) => b.count - a.count)
      .slice(0, mostNamed),
  }
}
