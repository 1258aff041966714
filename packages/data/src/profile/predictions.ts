import type { TargetProfile, TopValue } from './profile-types.ts'
import { below, type SampleColumn } from './sample-column.ts'
import type { Codes } from './statistics.ts'

/** A number with more values than this is one to be predicted as such. */
const mostClasses = 20
/** Bins of a number: enough for a step anywhere, few enough that each has rows. */
const bins = 64

/** What each column alone says of the target. */
export function targetProfile(target: SampleColumn, columns: readonly SampleColumn[]): TargetProfile {
  const isRegression =
    target.numbers !== undefined && new Set(target.numbers.filter(Number.isFinite)).size > mostClasses
  const classes = isRegression ? undefined : classesOf(target)
  const predictions = columns
    .filter((column) => column !== target)
    .flatMap((column) => {
      const keys = keysOf(column)
      if (keys === undefined) return []
      const skill =
        classes === undefined
          ? explained(keys, target.numbers as Float64Array)
          : classified(keys, classes.codes)
      return [{ column: column.name, skill }]
    })
    .sort((a, b) => b.skill - a.skill)
  return {
    column: target.name,
    task: isRegression ? 'regression' : 'classification',
    ...(classes !== undefined && { classes: countsOf(classes) }),
    predictions,
  }
}

interface Classes {
  readonly codes: Codes
  readonly labels: readonly string[]
}

function classesOf(target: SampleColumn): Classes {
  const places = new Map<string, number>()
  const codes = Int32Array.from(target.cells, (cell) => {
    if (cell === null) return -1
    const label = cell instanceof Date ? cell.toISOString() : String(cell)
    const place = places.get(label) ?? places.size
    places.set(label, place)
    return place
  })
  return { codes: { codes, size: places.size }, labels: [...places.keys()] }
}

const countsOf = ({ codes, labels }: Classes): readonly TopValue[] =>
  labels
    .map((value, i) => ({ value, count: codes.codes.filter((code) => code === i).length }))
    .sort((a, b) => b.count - a.count)

/** Keys by which rows are looked up: categories, and numbers in bins whose edges come from one half of the rows. A missing value is a key too. */
function keysOf(column: SampleColumn): Int32Array | undefined {
  if (column.numbers === undefined) return column.codes?.codes
  const half = Float64Array.from(
    column.numbers.filter((value, i) => isFirst(i) && Number.isFinite(value)),
  ).sort()
  if (half.length === 0) return undefined
  const edges = [
    ...new Set(
      Array.from({ length: bins - 1 }, (_, i) => half[Math.floor(((i + 1) * half.length) / bins)] as number),
    ),
  ]
  return Int32Array.from(column.numbers, (value) => (Number.isFinite(value) ? below(edges, value) : -1))
}

/** Half of the rows, mixed (Knuth's multiplicative hash), as tables have periods: predictions are made from these, and tried on the others. */
const isFirst = (row: number): boolean => ((Math.imul(row, 0x9e3779b1) >>> 15) & 1) === 0

/** How much better than the most frequent class its most frequent class for each key is, on the other half of the rows. */
function classified(keys: Int32Array, { codes, size }: Codes): number {
  const counts = new Map<number, Float64Array>()
  const all = new Float64Array(size)
  codes.forEach((code, row) => {
    if (code < 0 || !isFirst(row)) return
    const key = keys[row] as number
    const own = counts.get(key) ?? new Float64Array(size)
    own[code] = (own[code] as number) + 1
    all[code] = (all[code] as number) + 1
    counts.set(key, own)
  })
  const best = (of: Float64Array): number => of.indexOf(Math.max(...of))
  const common = best(all)
  const guesses = new Map([...counts].map(([key, of]) => [key, best(of)]))
  let [right, rightByCommon, n] = [0, 0, 0]
  codes.forEach((code, row) => {
    if (code < 0 || isFirst(row)) return
    n += 1
    if ((guesses.get(keys[row] as number) ?? common) === code) right += 1
    if (code === common) rightByCommon += 1
  })
  return n === rightByCommon ? 0 : Math.max(0, (right - rightByCommon) / (n - rightByCommon))
}

/** R² of the mean for each key, on the other half of the rows. */
function explained(keys: Int32Array, values: Float64Array): number {
  const sums = new Map<number, { sum: number; n: number }>()
  const all = { sum: 0, n: 0 }
  values.forEach((value, row) => {
    if (!Number.isFinite(value) || !isFirst(row)) return
    const own = sums.get(keys[row] as number) ?? { sum: 0, n: 0 }
    own.sum += value
    own.n += 1
    all.sum += value
    all.n += 1
    sums.set(keys[row] as number, own)
  })
  const mean = all.sum / all.n
  let [left, total] = [0, 0]
  values.forEach((value, row) => {
    if (!Number.isFinite(value) || isFirst(row)) return
    const own = sums.get(keys[row] as number)
    left += (value - (own === undefined ? mean : own.sum / own.n)) ** 2
    total += (value - mean) ** 2
  })
  return total > 0 ? Math.max(0, 1 - left / total) : 0
}
