import type { NamedShape } from './sizes.ts'
import { type Application, SymbolicTensor } from './symbolic.ts'

/**
 * A place of a model where strings stand. Strings are no tensors: layers that take them work on the host, before the graph,
 * and everything else refuses such a place. Its `dtype` says nothing.
 */
export class TextPlace extends SymbolicTensor {
  constructor(sizes: NamedShape, application: Application, index = 0) {
    super(sizes, 'uint8', application, index)
  }

  override toString(): string {
    return super.toString().replace(this.dtype, 'string')
  }
}

/** The dtype of a place in Keras's words. */
export const dtypeNameOf = (place: SymbolicTensor): string =>
  place instanceof TextPlace ? 'string' : place.dtype
