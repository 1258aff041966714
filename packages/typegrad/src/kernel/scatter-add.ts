import type { Shape } from '../base/shape.ts'

/**
 * Indices (count), updates (count, …columns) → zeros of (size, …columns) plus each update at its index, one after the
 * other: equal indices add up in their order. Negative indices count from the end; those beyond are left out.
 */
export interface ScatterAddKernel {
  readonly kind: 'scatterAdd'
  /** (size, …columns) */
  readonly shape: Shape
  readonly count: number
  readonly indexDType: 'int32' | 'int64'
}
