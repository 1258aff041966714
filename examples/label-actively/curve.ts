import { table } from '../table.ts'
import { percent } from '../text.ts'

/** Accuracy after each batch of labels. */
export interface Learning {
  readonly isActive: boolean
  readonly accuracy: readonly number[]
}

/** Mean and standard deviation (of a sample) of numbers. */
export function spreadOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) }
}

/** The curve of both ways to choose, a line for each number of labels. */
export function curveTable(learnings: readonly Learning[], batch: number): string {
  const cell = (isActive: boolean, i: number): string => {
    const { mean, deviation } = spreadOf(
      learnings.filter((one) => one.isActive === isActive).map(({ accuracy }) => accuracy[i] as number),
    )
    return `${percent(mean, 1)} ± ${(100 * deviation).toFixed(1)}`
  }
  const rounds = learnings[0]?.accuracy.length ?? 0
  const rows = Array.from({ length: rounds }, (_, i) => [
    String((i + 1) * batch),
    cell(true, i),
    cell(false, i),
  ])
  return table(['labels', 'least sure first', 'at random'], rows)
}
