import type { Node } from '../graph/node.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Beside what a layer gave: which of its steps count. */
const masks = new WeakMap<Node, Tensor>()

/** The mask (batch, time) of what a layer gave, or of what `withMask` marked; undefined where all steps count. */
export const maskOf = (tensor: Tensor): Tensor | undefined => masks.get(tensor.node)

/** The tensor, of which from now on only those steps count where the mask (batch, time) is true. */
export function withMask(tensor: Tensor, mask: Tensor | undefined): Tensor {
  if (mask !== undefined) masks.set(tensor.node, mask)
  return tensor
}
