/**
 * a (rows, inner) · b → (rows, columns), where b, (inner, columns), is given as panels of its columns, (columns / 16,
 * inner, 16): a product that is made again and again with the same b, such as a loop's, packs it once.
 */
export interface PanelProductKernel {
  readonly kind: 'panelProduct'
  readonly rows: number
  readonly inner: number
  /** A multiple of a panel's 16. */
  readonly columns: number
  /** What is added, as a third input: an element for each of the product's, or one row for all. */
  readonly added: 'matrix' | 'row' | undefined
  readonly tasks: number
}
