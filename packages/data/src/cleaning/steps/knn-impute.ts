import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { numberColumn } from '../frame.ts'
import { retyped } from '../schema.ts'
import { MomentLearner } from '../statistics/moments.ts'
import { defineStep, isNumbers, isRecord, type Learning, Unreadable } from '../step.ts'
import { nothingToFit } from './numeric-step.ts'

export interface KnnImputeOptions {
  /** How many neighbours a missing cell is the mean of. Default 5. */
  readonly neighbors?: number
  /** Whether nearer neighbours count for more: by 1 / distance. Default 'uniform'. */
  readonly weights?: 'uniform' | 'distance'
}

const knnChecks = optionsOf<KnnImputeOptions>()({
  neighbors: checks.count,
  weights: checks.oneOf('uniform', 'distance'),
})

/** The rows that were fitted to, one after another, NaN where a cell is missing; and the mean of each column. */
interface Neighbours {
  readonly rows: readonly number[]
  readonly means: readonly number[]
}

export const knnImpute = defineStep<KnnImputeOptions, Neighbours>({
  kind: 'knnImpute',
  check: (where, options) => checkOptions(where, options, knnChecks),
  takes: ['number', 'boolean'],
  learn: ({ columns, where }): Learning<Neighbours> => {
    const rows: number[] = []
    const moments = columns.map(() => new MomentLearner())
    return {
      add: (frame) => {
        const values = columns.map((name) => frame.numbers(name, where))
        for (const [i, column] of values.entries()) moments[i]?.add(column)
        for (let row = 0; row < frame.length; row++)
          for (const column of values) rows.push(column[row] as number)
      },
      finish: () => ({
        rows,
        means: moments.map(({ count, mean }, i) => {
          if (count === 0) throw nothingToFit(where, columns[i] as string)
          return mean
        }),
      }),
    }
  },
  read: (learned, { length }) => {
    if (
      isRecord(learned) &&
      isNumbers(learned.rows) &&
      isNumbers(learned.means) &&
      learned.means.length === length
    ) {
      if (learned.rows.length % length === 0) return { rows: learned.rows, means: learned.means }
    }
    throw new Unreadable(`rows of ${length} numbers, and the mean of each column`)
  },
  outputs: (schema, { columns }) => retyped(schema, columns, 'number'),
  apply: (frame, { columns, options, learned, where }) => {
    const { neighbors = 5, weights = 'uniform' } = options
    const width = columns.length
    const values = columns.map((name) => frame.numbers(name, where))
    const filled = values.map((column) => column.slice())
    const own = new Float64Array(width)
    for (let row = 0; row < frame.length; row++) {
      for (const [i, column] of values.entries()) own[i] = column[row] as number
      const gaps = columns.flatMap((_, i) => (Number.isNaN(own[i]) ? [i] : []))
      if (gaps.length === 0) continue
      const distances = distancesTo(own, learned.rows)
      for (const i of gaps) {
        const column = filled[i] as Float64Array
        column[row] = meanOfNearest(distances, learned, { i, width, neighbors, weights })
      }
    }
    return frame.with(columns.map((name, i) => [name, numberColumn(filled[i] as Float64Array)] as const))
  },
  invert: null,
})

/**
 * √(columns / columns that both have · Σ over those (a − b)²): NaN where two rows share no column (Dixon, "Pattern recognition with
 * partly missing data", 1979).
 */
function distancesTo(own: Float64Array, rows: readonly number[]): Float64Array {
  const width = own.length
  const distances = new Float64Array(rows.length / width)
  for (let other = 0; other < distances.length; other++) {
    let [sum, shared] = [0, 0]
    for (let i = 0; i < width; i++) {
      const difference = (own[i] as number) - (rows[other * width + i] as number)
      if (Number.isNaN(difference)) continue
      sum += difference * difference
      shared += 1
    }
    distances[other] = shared === 0 ? Number.NaN : Math.sqrt((sum * width) / shared)
  }
  return distances
}

interface Gap {
  readonly i: number
  readonly width: number
  readonly neighbors: number
  readonly weights: 'uniform' | 'distance'
}

/** Of rows at the same distance, the first ones. Where no row with a value has a distance, the mean of the column. */
function meanOfNearest(
  distances: Float64Array,
  { rows, means }: Neighbours,
  { i, width, neighbors, weights }: Gap,
): number {
  const donors: number[] = []
  for (let other = 0; other < distances.length; other++)
    if (!Number.isNaN(distances[other]) && !Number.isNaN(rows[other * width + i])) donors.push(other)
  if (donors.length === 0) return means[i] as number
  donors.sort((a, b) => (distances[a] as number) - (distances[b] as number) || a - b)
  const nearest = donors.slice(0, neighbors)
  // One that is the same row counts alone.
  const hasSame = weights === 'distance' && nearest.some((other) => distances[other] === 0)
  let [sum, total] = [0, 0]
  for (const other of nearest) {
    const distance = distances[other] as number
    const weight = weights === 'uniform' ? 1 : hasSame ? Number(distance === 0) : 1 / distance
    sum += weight * (rows[other * width + i] as number)
    total += weight
  }
  return sum / total
}
