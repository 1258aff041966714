import type { VectorTable } from '../networks/factor-tables.ts'
import type { VectorRows } from '../retrieval/vector-rows.ts'

/** Rows of a step at most. */
const mostBatch = 1024
/** So many steps a pass has at least: of few rows, batches are small. */
const leastSteps = 16

/** Rows of a step. */
export const batchOf = (rows: number): number =>
  Math.max(1, Math.min(mostBatch, Math.floor(rows / leastSteps)))

/** What a table of vectors holds. */
export async function tableOf({
  trainableWeights: [table],
  inputDim,
  outputDim,
}: VectorTable): Promise<VectorRows> {
  const values = Float32Array.from((await table?.value.data()) ?? [], Number)
  return { count: inputDim, dimensions: outputDim, values }
}

/** VectorRows of which those that nothing was learned of are 0: theirs are as they were drawn. */
export function seenVectors({ count, dimensions, values }: VectorRows, places: Int32Array): VectorRows {
  const seen = new Set(places)
  const kept = values.slice()
  for (let place = 0; place < count; place++)
    if (!seen.has(place)) kept.fill(0, place * dimensions, (place + 1) * dimensions)
  return { count, dimensions, values: kept }
}
