import { makeNode, type Node } from '../../graph/node.ts'
import { logicalOr } from '../../ops/comparison.ts'
import { broadcastTo } from '../../ops/shape.ts'
import { Tensor } from '../../tensor/tensor.ts'
import type { Outputs } from './outputs.ts'

/** Which steps count: booleans (batch, time, …), the first axes of what it belongs to; undefined where all do. */
export type Mask = Tensor | undefined

/** The masks of a layer's inputs in the inputs' own form: of a single tensor its mask, of a list one for each. */
export type MasksOf<In extends Outputs> = In extends Tensor ? Mask : readonly Mask[]

/** The mask of the only input, or that of the first of several. */
export const firstMask = (masks: Mask | readonly Mask[]): Mask =>
  Array.isArray(masks) ? masks[0] : (masks as Mask)

/** A mask, unless it is one of whole samples (batch) that says nothing of their steps. */
export const maskOfSteps = (mask: Mask): Mask => (mask !== undefined && mask.rank < 2 ? undefined : mask)

/** Beside what a layer gave: which of its steps count. */
const masks = new WeakMap<Node, Tensor>()

/** The mask (batch, time) of what a layer gave, or of what `withMask` marked; undefined where all steps count. */
export const maskOf = (tensor: Tensor): Mask => masks.get(tensor.node)

/** The tensor, of which from now on only those steps count where the mask (batch, time) is true. */
export function withMask(tensor: Tensor, mask: Mask): Tensor {
  if (mask !== undefined) masks.set(tensor.node, mask)
  return tensor
}

/** A tensor of the same values with a mask of its own: what else the tensor is used for keeps the mask that it had. */
export const remasked = (tensor: Tensor, mask: Mask): Tensor =>
  maskOf(tensor) === mask ? tensor : withMask(new Tensor(makeNode('identity', [tensor.node], {})), mask)

/** A tensor in another dtype with the mask that it had. */
export const castMasked = (tensor: Tensor, dtype: Tensor['dtype']): Tensor =>
  withMask(tensor.cast(dtype), maskOf(tensor))

/**
 * What a layer gave, each output with its mask. A mask that an output has already stays: a layer within has said
 * what counts. An output that is an input as it came has a node of its own if its mask is another.
 */
export function markOutputs(
  outputs: Outputs,
  computed: Mask | readonly Mask[],
  inputs: readonly Tensor[],
): Outputs {
  if (computed === undefined) return outputs
  const list = Array.isArray(computed) ? (computed as readonly Mask[]) : [computed as Mask]
  const marked = (output: Tensor, mask: Mask): Tensor => {
    if (mask === undefined) return output
    if (inputs.some(({ node }) => node === output.node)) return remasked(output, mask)
    return maskOf(output) === undefined ? withMask(output, mask) : output
  }
  return outputs instanceof Tensor
    ? marked(outputs, list[0])
    : outputs.map((output, i) => marked(output, list[i]))
}

/** A mask of a tensor's first axes as booleans of the tensor's rank: (B, T) → (B, T, 1) for one of rank 3. */
export const alignedMask = (mask: Tensor, rank: number): Tensor =>
  mask.cast('bool').reshape([...mask.shape, ...new Array<1>(rank - mask.rank).fill(1)])

/** A mask of a tensor's first axes for each of its elements: selecting is much faster where the shapes are equal. */
export const spreadMask = (mask: Tensor, x: Tensor): Tensor => broadcastTo(alignedMask(mask, x.rank), x.shape)

/** Where one of several masks is true; undefined, for all count, if one is missing. */
export function eitherMask(masks: readonly Mask[]): Mask {
  const known = masks.filter((mask) => mask !== undefined)
  if (known.length === 0 || known.length < masks.length) return undefined
  const rank = Math.max(...known.map((mask) => mask.rank))
  return known.map((mask) => alignedMask(mask, rank)).reduce((a, b) => logicalOr(a, b))
}
