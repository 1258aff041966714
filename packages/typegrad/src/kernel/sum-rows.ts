/** (rows, columns) → the sums of columns over a part of the rows, (parts, columns); of squares where that is asked for. */
export interface SumRowsKernel {
  readonly kind: 'sumRows'
  readonly rows: number
  readonly columns: number
  readonly isOfSquares: boolean
  readonly parts: number
}
