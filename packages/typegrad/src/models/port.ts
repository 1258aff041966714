import type { NamedShape, SymbolicShape } from '../layers/base/sizes.ts'

/** Name and shape (with the batch in front) of a model's input or output, as far as they are known. */
export interface Port {
  readonly name: string
  readonly shape: SymbolicShape | undefined
  /** The shape with the names of open sizes. */
  readonly sizes?: NamedShape | undefined
}
