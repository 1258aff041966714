import { binsPerColumn } from './histogram-code.ts'

/** Words of a set of categories. */
export const setWords = binsPerColumn / 32

/** The nodes of all trees, field by field. A tree's stand in preorder: the left child of a node right behind it. */
export interface ForestNodes {
  /** The first node of each tree. */
  readonly roots: Int32Array
  /** The column that a node splits by; −1 of a leaf. */
  readonly column: Int32Array
  /** Numbers in this bin and those before it go left. */
  readonly bin: Uint8Array
  readonly right: Int32Array
  readonly missingLeft: Uint8Array
  /** What a leaf adds. */
  readonly value: Float64Array
  /** Where in `sets` the categories that go left stand, as {@link setWords} numbers of 32 bits; −1 where numbers are compared. */
  readonly set: Int32Array
  readonly sets: Uint32Array
}
