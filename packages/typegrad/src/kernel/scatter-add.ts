import type { Shape } from '../base/shape.ts'

/**
 * Indices (count), updates (count, …columns), and what these are added to if `hasBase` → that (size, …columns), or
 * zeros, plus each update at its index, one after the other: equal indices add up in their order. Negative indices
 * count from the end; those beyond are left out. Where the output is the base's memory, rows without an index are not
 * touched.
 */
export interface ScatterAddKernel {
  readonly kind: 'scatterAdd'
  /** (size, …columns) */
  readonly shape: Shape
  readonly count: number
  readonly indexDType: 'int32' | 'int64'
  readonly hasBase: boolean
}
