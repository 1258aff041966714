import { percentSpread } from '../statistics.ts'
import { table } from '../table.ts'

/** Accuracy after each batch of labels. */
export interface Learning {
  readonly isActive: boolean
  readonly accuracy: readonly number[]
}

/** The curve of both ways to choose, a line for each number of labels. */
export function curveTable(learnings: readonly Learning[], batch: number): string {
  const cell = (isActive: boolean, i: number): string =>
    percentSpread(
      learnings.filter((one) => one.isActive === isActive).map(({ accuracy }) => accuracy[i] as number),
    )
  const rounds = learnings[0]?.accuracy.length ?? 0
  const rows = Array.from({ length: rounds }, (_, i) => [
    String((i + 1) * batch),
    cell(true, i),
    cell(false, i),
  ])
  return table(['labels', 'least sure first', 'at random'], rows)
}
