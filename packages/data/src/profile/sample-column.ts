import type { Cell, Feature } from '../features/feature.ts'
import type { ColumnKind } from './profile-types.ts'
import type { Codes } from './statistics.ts'

/** A column of the rows that are looked at, as numbers or as codes of categories. */
export interface SampleColumn {
  readonly name: string
  readonly kind: ColumnKind
  readonly cells: readonly Cell[]
  /** Of numbers and times: NaN where missing. */
  readonly numbers?: Float64Array
  /** Of categories. */
  readonly codes?: Codes
  readonly labels?: readonly string[]
}

/** More values than this are none of a category. */
const mostCategories = 200

export const isNumeric = (of: Feature): boolean =>
  of.kind === 'value' && /^(u?int|float|decimal|hugeint|double)/.test(of.dtype)

export const isTime = (of: Feature): boolean => of.kind === 'value' && /^(date|timestamp)/.test(of.dtype)

export function sampleColumn(name: string, of: Feature, cells: readonly Cell[]): SampleColumn {
  if (isNumeric(of)) return { name, kind: 'number', cells, numbers: Float64Array.from(cells, numberOf) }
  if (isTime(of)) return { name, kind: 'time', cells, numbers: Float64Array.from(cells, numberOf) }
  if (of.kind !== 'value' || !['string', 'bool', 'uuid'].includes(of.dtype))
    return { name, kind: 'other', cells }
  const { codes, labels } = coded(cells)
  const kind = of.dtype === 'bool' || labels.length <= mostCategories ? 'category' : 'text'
  return { name, kind, cells, labels, codes: { codes, size: labels.length } }
}

const numberOf = (cell: Cell): number => {
  if (cell === null) return Number.NaN
  return cell instanceof Date ? cell.getTime() : Number(cell)
}

export function coded(cells: readonly Cell[]): {
  readonly codes: Int32Array
  readonly labels: readonly string[]
} {
  const places = new Map<string, number>()
  const codes = Int32Array.from(cells, (cell) => {
    if (cell === null) return -1
    const label = String(cell)
    const place = places.get(label) ?? places.size
    places.set(label, place)
    return place
  })
  return { codes, labels: [...places.keys()] }
}

/** Numbers in bins with equally many each: their codes. */
export function binned(numbers: ArrayLike<number>, bins: number): Codes {
  const sorted = Float64Array.from(Array.from(numbers).filter(Number.isFinite)).sort()
  if (sorted.length === 0) return { codes: new Int32Array(numbers.length).fill(-1), size: 1 }
  const edges = [
    ...new Set(
      Array.from(
        { length: bins - 1 },
        (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bins)] as number,
      ),
    ),
  ]
  return {
    codes: Int32Array.from(numbers, (value) => (Number.isFinite(value) ? below(edges, value) : -1)),
    size: edges.length + 1,
  }
}

/** How many of sorted edges are at most the value. */
export function below(edges: ArrayLike<number>, value: number): number {
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low
}

/** A column as codes, whatever it holds; undefined where it has no use as such. */
export const codesOf = (column: SampleColumn, bins = 10): Codes | undefined =>
  column.numbers === undefined ? column.codes : binned(column.numbers, bins)
