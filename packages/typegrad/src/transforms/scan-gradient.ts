import { isFloating } from '../base/dtype.ts'
import { makeNode, type Node, type NodeOf } from '../graph/node.ts'
import { apply } from '../ops/apply.ts'
import { scanOver } from '../ops/scan.ts'
import { zeros } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { backward, orZeros, type Seed } from './backward.ts'

const placeholder = (like: Node, name: string): Node =>
  makeNode('input', [], { name, dtype: like.dtype, shape: like.shape })

/**
 * Back-propagation through a loop, as a loop in the other direction.
 *
 * The forward loop gives, besides its results, the carries that each step began with (see `ops/scan.ts`).
 * The backward body gets these, the step's slices and the cotangents of its results, repeats the step and
 * passes the cotangents through it. Its carries are the cotangents of the carries and the sums, over the
 * steps, of the cotangents of what stays the same. The graph's size does not depend on the length.
 */
export function scanGradient(
  node: NodeOf<'scan'>,
  cotangents: readonly (Tensor | null | undefined)[],
  wanted: ReadonlySet<Node>,
): (Tensor | null)[] {
  const { body, carries, sequences, length, reverse } = node.params
  const tuple = new Tensor(node as Node)
  const member = (index: number): Tensor => apply('element', [tuple], { index })
  const startsAt = body.outputs.length - carries
  const constants = node.inputs.length - carries - sequences

  // Which of the inputs take part: carries always (they hand cotangents on), the rest where somebody asks.
  const floating = (i: number): boolean => isFloating((body.inputs[i] as Node).dtype)
  const carryAt = range(0, carries).filter(floating)
  const sequenceAt = range(carries, carries + sequences).filter(
    (i) => floating(i) && wanted.has(node.inputs[i] as Node),
  )
  const constantAt = range(carries + sequences, carries + sequences + constants).filter(
    (i) => floating(i) && wanted.has(node.inputs[i] as Node),
  )
  const resultAt = range(carries, body.outputs.length).filter((i) => cotangents[i] != null)

  const carryCotangents = carryAt.map((i) => placeholder(body.outputs[i] as Node, `d_carry_${i}`))
  const sums = constantAt.map((i) => placeholder(body.inputs[i] as Node, `d_constant_${i}`))
  const resultCotangents = resultAt.map((i) => placeholder(body.outputs[i] as Node, `d_result_${i}`))

  const seeds: Seed[] = [
    ...carryAt.map((i, k) => ({
      value: body.outputs[i] as Node,
      cotangent: new Tensor(carryCotangents[k] as Node),
    })),
    ...resultAt.map((i, k) => ({
      value: body.outputs[i] as Node,
      cotangent: new Tensor(resultCotangents[k] as Node),
    })),
  ]
  const targets = [...carryAt, ...sequenceAt, ...constantAt].map((i) => body.inputs[i] as Node)
  const passed = backward(seeds, targets).map((g, k) => orZeros(g, targets[k] as Node))
  const toCarries = passed.slice(0, carryAt.length)
  const toSequences = passed.slice(carryAt.length, carryAt.length + sequenceAt.length)
  const toConstants = passed.slice(carryAt.length + sequenceAt.length)

  const initial = [
    ...carryAt.map((i) => orZeros(cotangents[i] ?? null, body.outputs[i] as Node)),
    ...sums.map((sum) => zeros(sum.shape, { dtype: sum.dtype })),
  ]
  const loop = scanOver({
    initial,
    sequences: [
      ...resultAt.map((i) => cotangents[i] as Tensor),
      ...range(0, carries).map((i) => member(startsAt + i)),
      ...node.inputs.slice(carries, carries + sequences).map((input) => new Tensor(input)),
    ],
    length,
    reverse: !reverse,
    inputs: [...carryCotangents, ...sums, ...resultCotangents, ...body.inputs.slice(0, carries + sequences)],
    carries: [
      ...toCarries.map((g) => g.node),
      ...toConstants.map((g, k) => apply('add', [new Tensor(sums[k] as Node), g], {}).node),
    ],
    outputs: toSequences.map((g) => g.node),
  })

  const result = new Array<Tensor | null>(node.inputs.length).fill(null)
  carryAt.forEach((i, k) => {
    result[i] = loop.carries[k] as Tensor
  })
  constantAt.forEach((i, k) => {
    result[i] = loop.carries[carryAt.length + k] as Tensor
  })
  sequenceAt.forEach((i, k) => {
    result[i] = loop.outputs[k] as Tensor
  })
  return result
}

const range = (start: number, stop: number): number[] =>
  Array.from({ length: stop - start }, (_, i) => start + i)
