import type { Feature } from '../features/feature.ts'
import { describeFeature } from '../features/feature.ts'
import type { ColumnProfile, Histogram, TopValue } from './profile-types.ts'
import type { SampleColumn } from './sample-column.ts'
import type { ColumnScan } from './scan.ts'
import { quantile } from './statistics.ts'

export interface ColumnProfileOptions {
  readonly bins: number
  readonly top: number
  /** Whether the rows that were looked at are all. */
  readonly isWhole: boolean
  readonly rows: number
}

export function columnProfile(
  column: SampleColumn,
  of: Feature,
  scan: ColumnScan,
  { bins, top, isWhole, rows }: ColumnProfileOptions,
): ColumnProfile {
  const { present, distinct, quantiles: _, later: __, future: ___, ...numbers } = scan
  const shared = {
    name: column.name,
    type: describeFeature(of),
    kind: column.kind,
    missing: rows - present,
    distinct: isWhole ? distinctOf(column) : Math.min(distinct, present),
    ...numbers,
  }
  if (column.numbers === undefined)
    return { ...shared, ...(column.labels !== undefined && { top: topOf(column, top) }) }
  const sorted = Float64Array.from(column.numbers.filter(Number.isFinite)).sort()
  if (sorted.length === 0) return shared
  const exact = [0.05, 0.25, 0.5, 0.75, 0.95].map((q) => quantile(sorted, q)) as unknown as NonNullable<
    ColumnProfile['quantiles']
  >
  const [, lower, , upper] = exact
  const far = 1.5 * (upper - lower)
  return {
    ...shared,
    quantiles: isWhole ? exact : (scan.quantiles ?? exact),
    histogram: histogramOf(sorted, bins),
    ...(column.kind === 'number' && {
      outliers: sorted.filter((value) => value < lower - far || value > upper + far).length,
    }),
  }
}

const distinctOf = ({ cells, numbers }: SampleColumn): number =>
  numbers === undefined
    ? new Set(
        cells
          .filter((cell) => cell !== null)
          .map((cell) => (typeof cell === 'object' ? JSON.stringify(cell) : cell)),
      ).size
    : new Set(
        cells.filter((cell) => cell !== null).map((cell) => (cell instanceof Date ? cell.getTime() : cell)),
      ).size

/** As NumPy's `histogram`: equal bins, of which the last has its upper edge too. */
export function histogramOf(sorted: ArrayLike<number>, bins: number): Histogram {
  const low = sorted[0] as number
  const high = sorted[sorted.length - 1] as number
  const [start, end] = low === high ? [low - 0.5, high + 0.5] : [low, high]
  const edges = Array.from({ length: bins + 1 }, (_, i) => start + ((end - start) * i) / bins)
  const counts = new Array<number>(bins).fill(0)
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i] as number
    let bin = Math.min(bins - 1, Math.floor(((value - start) / (end - start)) * bins))
    // Division may land a value beside its edge.
    if (value < (edges[bin] as number)) bin -= 1
    else if (bin < bins - 1 && value >= (edges[bin + 1] as number)) bin += 1
    counts[bin] = (counts[bin] as number) + 1
  }
  return { edges, counts }
}

function topOf({ codes, labels = [] }: SampleColumn, most: number): readonly TopValue[] {
  const counts = new Float64Array(labels.length)
  for (const code of codes?.codes ?? []) if (code >= 0) counts[code] = (counts[code] as number) + 1
  return labels
    .map((value, i) => ({ value, count: counts[i] as number }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, most)
}
