import type { Node } from '../graph/node.ts'
import { zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A value with the cotangent that reaches it from what is differentiated. */
export interface Seed {
  readonly value: Node
  readonly cotangent: Tensor
}

/** Reverse-mode differentiation, as `backward.ts` does it: the cotangents of targets from those of seeds. */
export type Backward = (seeds: readonly Seed[], targets: readonly Node[]) => (Tensor | null)[]

/** The cotangent, or zeros of the node's shape. */
export const orZeros = (g: Tensor | null, node: Node): Tensor => g ?? zeros(node.shape, { dtype: node.dtype })
