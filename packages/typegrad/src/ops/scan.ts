import { ArgumentError, ShapeError, TraceError } from '../base/errors.ts'
import { boolean, checked, func, list, needed, number, optionsOf } from '../base/options.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { Tensor } from '../tensor/tensor.ts'
import { currentScope, type LoopBody, type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'
import { apply } from './apply.ts'

export interface ScanOptions {
  /** What the first step begins with. */
  readonly initial: readonly Tensor[]
  /** Tensors whose first dimension is the loop's; a step gets one slice of each. Default none. */
  readonly sequences?: readonly Tensor[]
  /** Number of steps, needed where there are no sequences. Default: the sequences' length. */
  readonly length?: number
  /** From the last slice to the first. Default false. Outputs still stand at their slice's place. */
  readonly reverse?: boolean
  /** One step: carries and slices in, new carries (of the same shapes and dtypes) and outputs out. */
  readonly step: (
    carries: readonly Tensor[],
    slices: readonly Tensor[],
  ) => { readonly carries: readonly Tensor[]; readonly outputs?: readonly Tensor[] }
}

const scanChecks = optionsOf<ScanOptions>()({
  initial: needed(list),
  sequences: list,
  length: number,
  reverse: boolean,
  step: needed(func),
})

export interface ScanResult {
  /** The carries after the last step. */
  readonly carries: Tensor[]
  /** What the steps gave out, stacked along a new first dimension. */
  readonly outputs: Tensor[]
}

/**
 * A loop inside the graph. The step is traced once, so the graph does not grow with the length; what the
 * step reads from outside and does not change is computed once, before the loop. What it draws at random is other
 * in every step.
 *
 * @throws ShapeError if a carry changes its shape, ArgumentError if the sequences differ in length.
 * @example
 * // A recurrent layer: h' = tanh(x W + h U)
 * const { carries: [last], outputs: [all] } = ops.scan({
 *   initial: [zeros([batch, units])],
 *   sequences: [x], // (time, batch, features)
 *   step: ([h], [xt]) => {
 *     const next = xt.matmul(w).add(h.matmul(u)).tanh()
 *     return { carries: [next], outputs: [next] }
 *   },
 * })
 */
export function scan(options: ScanOptions): ScanResult {
  const { initial, sequences = [], length, reverse = false, step } = checked('scan', options, scanChecks)
  const steps = sequences[0]?.shape[0] ?? length
  if (steps === undefined || sequences.some((s) => s.shape[0] !== steps) || (length ?? steps) !== steps) {
    throw new ArgumentError({
      where: 'scan',
      expected: 'sequences of one length, or a length',
      received:
        sequences.length === 0
          ? 'neither'
          : `shapes ${sequences.map((s) => formatShape(s.shape)).join(', ')}`,
    })
  }
  const carryInputs = initial.map((t, i) => input(`carry_${i}`, t, t.shape))
  const sliceInputs = sequences.map((t, i) => input(`slice_${i}`, t, t.shape.slice(1)))
  const scope = new BodyScope(steps)
  const traced = withScope(scope, () => step(tensors(carryInputs), tensors(sliceInputs)))
  traced.carries.forEach((carry, i) => {
    const before = carryInputs[i]
    if (before === undefined || !sameShape(before.shape, carry.shape) || before.dtype !== carry.dtype) {
      throw new ShapeError({
        where: 'scan',
        expected: `carry ${i} to stay ${before === undefined ? 'away' : `${before.dtype} ${formatShape(before.shape)}`}`,
        received: `${carry.dtype} ${formatShape(carry.shape)} after a step`,
      })
    }
  })
  if (traced.carries.length !== initial.length) {
    throw new ArgumentError({
      where: 'scan',
      expected: `${initial.length} carries from a step`,
      received: `${traced.carries.length}`,
    })
  }
  return scanOver({
    initial,
    sequences: [...sequences, ...scope.sequences],
    length: steps,
    reverse,
    inputs: [...carryInputs, ...sliceInputs, ...scope.slices],
    carries: traced.carries.map((t) => t.node),
    outputs: (traced.outputs ?? []).map((t) => t.node),
  })
}

export interface TracedLoop {
  readonly initial: readonly Tensor[]
  readonly sequences: readonly Tensor[]
  readonly length: number
  readonly reverse: boolean
  /** Placeholders of the carries, then of the slices. */
  readonly inputs: readonly Node[]
  readonly carries: readonly Node[]
  readonly outputs: readonly Node[]
}

/**
 * The loop of a body that is traced already. Outer nodes that the body reads become inputs of the loop and
 * stand in the body for themselves. Hidden outputs follow those that are asked for: every value inside of a
 * step, then the carries that each step begins with. The gradient takes what it needs of them, and
 * lowering leaves out what is not read.
 */
export function scanOver({
  initial,
  sequences,
  length,
  reverse,
  inputs,
  carries,
  outputs,
}: TracedLoop): ScanResult {
  const starts = inputs.slice(0, initial.length)
  const { captured, inner } = within([...carries, ...outputs], inputs)
  const results = [...carries, ...outputs, ...inner, ...starts]
  const loop = apply('scan', [...initial, ...sequences, ...tensors(captured)], {
    body: { inputs: [...inputs, ...captured], outputs: results },
    carries: initial.length,
    sequences: sequences.length,
    length,
    reverse,
  })
  const member = (index: number): Tensor => apply('element', [loop], { index })
  return {
    carries: carries.map((_, i) => member(i)),
    outputs: outputs.map((_, i) => member(carries.length + i)),
  }
}

/**
 * The nodes of a body that depend on its placeholders, and the outer ones that these read directly, but for
 * constants, which need no way in.
 */
function within(results: readonly Node[], placeholders: readonly Node[]) {
  const inside = new Set(placeholders)
  const inner: Node[] = []
  const captured = new Set<Node>()
  for (const node of topologicalOrder(results, inside)) {
    if (node.inputs.some((i) => inside.has(i)) && !inside.has(node)) {
      inside.add(node)
      // A tuple is no value, only its members are.
      if (node.kind !== 'scan') inner.push(node)
      for (const i of node.inputs) if (!inside.has(i)) captured.add(i)
    }
  }
  for (const result of results) if (!inside.has(result)) captured.add(result)
  return {
    captured: [...captured].filter((node) => node.kind !== 'constant' && node.kind !== 'iota'),
    inner,
  }
}

const input = (name: string, { dtype }: Tensor, shape: readonly number[]): Node =>
  makeNode('input', [], { name, dtype, shape })

const tensors = (nodes: readonly Node[]): Tensor[] => nodes.map((node) => new Tensor(node))

/** Inside a loop variables can be read but not assigned: a step's change would be lost. */
class BodyScope implements VariableScope, LoopBody {
  readonly outer = currentScope()
  readonly length: number
  readonly #added = new Map<Node, { readonly sequence: Tensor; readonly slice: Node }>()

  constructor(length: number) {
    this.length = length
  }

  get loop(): LoopBody {
    return this
  }

  /** Sequences that the body has asked for, and their placeholders. */
  get sequences(): readonly Tensor[] {
    return [...this.#added.values()].map(({ sequence }) => sequence)
  }

  get slices(): readonly Node[] {
    return [...this.#added.values()].map(({ slice }) => slice)
  }

  outside<T>(make: () => T): T {
    return withScope(this.outer, make)
  }

  sliceOf(source: Node, make: () => Tensor): Tensor {
    let added = this.#added.get(source)
    if (added === undefined) {
      const sequence = this.outside(make)
      added = { sequence, slice: input(`added_${this.#added.size}`, sequence, sequence.shape.slice(1)) }
      this.#added.set(source, added)
    }
    return new Tensor(added.slice)
  }

  read(variable: Variable): Node {
    return this.outside(() => variable.value.node)
  }

  assign(variable: Variable): never {
    throw new TraceError({
      where: 'scan',
      expected: 'a step that hands its state on as carries',
      received: `an assignment to variable ${variable.name}`,
      fix: 'Make it a carry and assign the final one after the loop.',
    })
  }
}
