import { isFloating } from '../base/dtype.ts'
import { makeNode, type Node, type NodeOf, topologicalOrder, withInputs } from '../graph/node.ts'
import type { Primitive } from '../graph/primitives.ts'
import { apply } from '../ops/apply.ts'
import { scanOver } from '../ops/scan.ts'
import { zeros } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { type Backward, orZeros, type Seed } from './seed.ts'
import { operandsOf, sumOverSteps, termsOf } from './step-sums.ts'

const placeholder = (like: Node, name: string): Node =>
  makeNode('input', [], { name, dtype: like.dtype, shape: like.shape })

/**
 * Back-propagation through a loop, as a loop in the other direction. Its graph does not grow with the length.
 *
 * The backward body passes the cotangents of a step's results through the step. Its carries are the cotangents
 * of the carries. What it needs of the step's own values, the forward loop keeps (see `ops/scan.ts`). The
 * cotangent of what stays the same in all steps is a sum over them: for a matrix it is one product of stacked
 * operands after the loop, Σₜ xₜᵀ·gₜ = Xᵀ·G (see `step-sums.ts`), else it is carried along.
 *
 * @param backward differentiates the body.
 */
export function scanGradient(
  node: NodeOf<'scan'>,
  cotangents: readonly (Tensor | null | undefined)[],
  wanted: ReadonlySet<Node>,
  backward: Backward,
): (Tensor | null)[] {
  const { body, carries, sequences, length, reverse } = node.params
  const constants = node.inputs.length - carries - sequences

  // Which of the inputs take part: carries always (they hand cotangents on), the rest where their gradient is asked for.
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
  const resultCotangents = resultAt.map((i) => placeholder(body.outputs[i] as Node, `d_result_${i}`))
  const seeds: Seed[] = [...carryAt, ...resultAt].map((i, k) => ({
    value: body.outputs[i] as Node,
    cotangent: new Tensor([...carryCotangents, ...resultCotangents][k] as Node),
  }))
  const targets = [...carryAt, ...sequenceAt, ...constantAt].map((i) => body.inputs[i] as Node)
  const passed = backward(seeds, targets).map((g, k) => orZeros(g, targets[k] as Node).node)
  const toCarries = passed.slice(0, carryAt.length)
  const toSequences = passed.slice(carryAt.length, carryAt.length + sequenceAt.length)
  const toConstants = passed.slice(carryAt.length + sequenceAt.length).map(termsOf)

  // What is summed after the loop, from operands that are kept or that the loop gives out.
  const kept = keptValues(node)
  const afterwards = length === 0 ? [] : toConstants.flat().filter((term) => operandsOf(term) !== null)
  const products = afterwards.filter((term) => term.kind === 'matmul')
  const stacked = new Set([...toSequences, ...products.flatMap((term) => operandsOf(term) ?? [])])
  // A sum alone is no reason to keep what is summed.
  const late = new Set(
    afterwards.filter((term) => operandsOf(term)?.every((o) => stacked.has(o) || kept.has(o))),
  )
  const given = [...stacked].filter((operand) => !kept.has(operand) || toSequences.includes(operand))
  const early = toConstants.map((terms) => terms.filter((term) => !late.has(term)))
  const carried = constantAt.filter((_, k) => early[k]?.length !== 0)
  const sums = carried.map((i) => placeholder(body.inputs[i] as Node, `d_constant_${i}`))
  const totals = early
    .filter((terms) => terms.length > 0)
    .map((terms, k) => [sums[k] as Node, ...terms].reduce(plus))

  const { results, sequences: read } = readingKept(kept, [...toCarries, ...totals, ...given])
  const loop = scanOver({
    initial: [
      ...carryAt.map((i) => orZeros(cotangents[i] ?? null, body.outputs[i] as Node)),
      ...sums.map((sum) => zeros(sum.shape, { dtype: sum.dtype })),
    ],
    sequences: [...resultAt.map((i) => cotangents[i] as Tensor), ...read.map(({ values }) => values)],
    length,
    reverse: !reverse,
    inputs: [...carryCotangents, ...sums, ...resultCotangents, ...read.map(({ slice }) => slice)],
    carries: results.slice(0, toCarries.length + totals.length),
    outputs: results.slice(toCarries.length + totals.length),
  })

  const valuesOf = (operand: Node): Tensor => {
    const at = given.indexOf(operand)
    return (at === -1 ? kept.get(operand)?.() : loop.outputs[at]) as Tensor
  }
  const result = new Array<Tensor | null>(node.inputs.length).fill(null)
  carryAt.forEach((i, k) => {
    result[i] = loop.carries[k] as Tensor
  })
  constantAt.forEach((i, k) => {
    const inLoop = carried.includes(i) ? [loop.carries[carryAt.length + carried.indexOf(i)] as Tensor] : []
    const after = toConstants[k]?.filter((term) => late.has(term)) ?? []
    result[i] = [...inLoop, ...after.map((term) => sumOverSteps(term, length, valuesOf))].reduce((a, b) =>
      apply('add', [a, b], {}),
    )
  })
  sequenceAt.forEach((i, k) => {
    result[i] = valuesOf(toSequences[k] as Node)
  })
  return result
}

/** For nodes of a loop's body their values in all steps, stacked along a first dimension. */
type KeptValues = ReadonlyMap<Node, () => Tensor>

/** What is had again for less than it costs to keep. */
const cheap: ReadonlySet<Primitive> = new Set<Primitive>([
  'cast',
  'concat',
  'dynamicSlice',
  'identity',
  'neg',
  'pad',
  'reshape',
  'slice',
  'transpose',
])

function keptValues(node: NodeOf<'scan'>): KeptValues {
  const { body, carries, sequences } = node.params
  const tuple = new Tensor(node as Node)
  const startsAt = body.outputs.length - carries
  const kept = new Map<Node, () => Tensor>()
  body.inputs.slice(0, carries + sequences).forEach((own, i) => {
    kept.set(own, () =>
      i < carries ? apply('element', [tuple], { index: startsAt + i }) : new Tensor(node.inputs[i] as Node),
    )
  })
  const captured = new Set(body.inputs)
  for (const index of range(carries, startsAt)) {
    const value = body.outputs[index] as Node
    if (kept.has(value) || captured.has(value) || cheap.has(value.kind)) continue
    kept.set(value, () => apply('element', [tuple], { index }))
  }
  return kept
}

/** The results of a backward body, with slices of kept values in the place of the step's own computations. */
function readingKept(kept: KeptValues, results: readonly Node[]) {
  const reached = topologicalOrder(results, new Set(kept.keys()))
  // Its gradient names values of the step by themselves: then all of the step is computed again.
  const again = reached.some((node) => node.kind === 'customGradient')
  const isRead = (node: Node): boolean => (again ? node.kind === 'input' : reached.includes(node))
  const sequences = [...kept]
    .filter(([node]) => isRead(node))
    .map(([node, values], i) => ({
      node,
      slice: node.kind === 'input' ? node : placeholder(node, `kept_${i}`),
      values: values(),
    }))
  const replaced = new Map(sequences.map(({ node, slice }) => [node, slice]))
  const of = (node: Node): Node => replaced.get(node) ?? node
  if (!again) {
    for (const node of reached)
      if (!replaced.has(node)) replaced.set(node, withInputs(node, node.inputs.map(of)))
  }
  return { results: results.map(of), sequences }
}

const plus = (a: Node, b: Node): Node => apply('add', [new Tensor(a), new Tensor(b)], {}).node

const range = (start: number, stop: number): number[] =>
  Array.from({ length: stop - start }, (_, i) => start + i)
