/** (rows, columns) → the sums of columns over a part of the rows, (parts, columns). */
export interface SumRowsKernel {
  readonly kind: 'sumRows'
  readonly rows: number
  readonly columns: number
  readonly parts: number
}
