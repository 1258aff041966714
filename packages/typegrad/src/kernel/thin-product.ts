import type { Shape } from '../base/shape.ts'

/**
 * a (rows, inner) · b → `shape`, which is (rows, columns) with the rows in one or several axes. There are so few rows that
 * all time goes into reading b, which is done once, where it stands: (inner, columns), or (columns, inner) where it is
 * transposed. A bias of one row may be added, as a third input.
 */
export interface ThinProductKernel {
  readonly kind: 'thinProduct'
  readonly shape: Shape
  /** At most {@link maxThinRows}. */
  readonly rows: number
  /** A multiple of eight where b is transposed. */
  readonly inner: number
  /** A multiple of eight where b is not transposed. */
  readonly columns: number
  readonly isTransposed: boolean
  readonly hasBias: boolean
  /** Tasks that share the columns. */
  readonly tasks: number
}

/** Rows whose sums, or elements, registers hold together. */
export const maxThinRows = 8
