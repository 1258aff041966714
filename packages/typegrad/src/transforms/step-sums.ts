import type { Node } from '../graph/node.ts'
import { apply } from '../ops/apply.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The terms of a sum of tensors of one shape. */
export function termsOf(sum: Node): Node[] {
  const terms: Node[] = []
  const open = [sum]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { inputs, shape } = node
    if (node.kind === 'add' && inputs.every((i) => `${i.shape}` === `${shape}`)) open.push(...inputs)
    else terms.push(node)
  }
  return terms
}

/**
 * What has to be known of all steps to sum a term over them after the loop; null where that is not better
 * than a sum that is carried along. The terms are those of gradients of weights: xᵀ·g of a product, and the sum
 * over the batch of a bias.
 */
export function operandsOf(term: Node): readonly Node[] | null {
  const [a, b] = term.inputs
  if (term.kind === 'reshape' && a?.kind === 'reduceSum') return operandsOf(a)
  if (term.kind === 'reduceSum') return [a as Node]
  if (term.kind !== 'matmul' || a?.kind !== 'transpose' || a.shape.length !== 2 || b?.shape.length !== 2) {
    return null
  }
  return [a.inputs[0] as Node, b]
}

/** Σₜ of a term that has operands, from these of all steps: Σₜ xₜᵀ·gₜ is Xᵀ·G with the steps in rows. */
export function sumOverSteps(term: Node, length: number, valuesOf: (operand: Node) => Tensor): Tensor {
  switch (term.kind) {
    case 'reshape':
      return apply('reshape', [sumOverSteps(term.inputs[0] as Node, length, valuesOf)], { shape: term.shape })
    case 'reduceSum': {
      const { axes, keepDims } = term.params
      const sum = apply('reduceSum', [valuesOf(term.inputs[0] as Node)], {
        axes: [0, ...axes.map((axis) => axis + 1)],
        keepDims,
      })
      return apply('reshape', [sum], { shape: term.shape })
    }
    default: {
      const [x, g] = (operandsOf(term) as readonly Node[]).map((operand) => {
        const [rows, columns] = operand.shape as readonly [number, number]
        return apply('reshape', [valuesOf(operand)], { shape: [length * rows, columns] })
      }) as [Tensor, Tensor]
      return apply('matmul', [apply('transpose', [x], { permutation: [1, 0] }), g], {})
    }
  }
}
