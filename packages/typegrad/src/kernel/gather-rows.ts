import type { Shape } from '../base/shape.ts'

/**
 * A table (size, …columns) and indices (…rows) → the table's rows at these indices, (…rows, …columns). Indices lie within
 * the table; of one that does not it is open which row it gets.
 */
export interface GatherRowsKernel {
  readonly kind: 'gatherRows'
  /** (…rows, …columns) */
  readonly shape: Shape
  readonly size: number
  readonly rows: number
  /** Floats of a row. */
  readonly columns: number
  readonly indexDType: 'int32' | 'int64'
}
