import type { SymbolicShape } from '../layers/base/symbolic.ts'

/** Name and shape (with the batch in front) of a model's input or output, as far as they are known. */
export interface Port {
  readonly name: string
  readonly shape: SymbolicShape | undefined
}
