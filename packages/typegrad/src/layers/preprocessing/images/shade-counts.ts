import { sizeOf } from '../../../base/shape.ts'
import { scatterAdd } from '../../../ops/indexing.ts'
import { arange, ones, zeros } from '../../../tensor/create.ts'
import type { Tensor } from '../../../tensor/tensor.ts'

/** How often each shade comes along the last axis: whole numbers (…, n) from 0 to below `shades` → (…, shades). */
export function shadeCounts(values: Tensor, shades: number): Tensor {
  const rows = values.shape.slice(0, -1)
  const count = sizeOf(rows)
  const first = arange(count, undefined, 1, { dtype: 'int32' }).mul(shades).reshape([count, 1])
  const places = values.cast('int32').reshape([count, -1]).add(first).flatten()
  return scatterAdd(zeros([count * shades]), places, ones([places.size])).reshape([...rows, shades])
}
