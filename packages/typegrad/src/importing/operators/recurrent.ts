import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'
import { reversedSequences } from './indexing.ts'

type Activation = (x: Tensor) => Tensor

/** An activation by its name, with the coefficients that belong to it. */
function activationOf(
  call: NodeCall,
  name: string,
  alpha: number | undefined,
  beta: number | undefined,
): Activation {
  switch (name.toLowerCase()) {
    case 'sigmoid':
      return ops.sigmoid
    case 'tanh':
      return ops.tanh
    case 'relu':
      return ops.relu
    case 'affine':
      return (x) => ops.add(ops.mul(x, alpha ?? 1), beta ?? 0)
    case 'leakyrelu':
      return (x) => ops.where(ops.less(x, 0), ops.mul(x, alpha ?? 0.01), x)
    case 'thresholdedrelu':
      return (x) => ops.where(ops.greater(x, alpha ?? 1), x, 0)
    case 'scaledtanh':
      return (x) => ops.mul(ops.tanh(ops.mul(x, beta ?? 1)), alpha ?? 1)
    case 'hardsigmoid':
      return (x) => ops.clip(ops.add(ops.mul(x, alpha ?? 0.2), beta ?? 0.5), { min: 0, max: 1 })
    case 'elu':
      return (x) => ops.where(ops.less(x, 0), ops.mul(ops.expm1(x), alpha ?? 1), x)
    case 'softsign':
      return ops.softsign
    case 'softplus':
      return ops.softplus
    default:
      return call.refuse(`with the activation ${name}`)
  }
}

/** Weights and states of one direction. */
interface Direction {
  /** (gates · hidden, input) */
  readonly w: Tensor
  /** (gates · hidden, hidden) */
  readonly r: Tensor
  /** Of the inputs and of the states, (gates · hidden) each. */
  readonly biases: readonly [Tensor, Tensor]
  readonly activations: readonly Activation[]
  /** (batch, hidden): h, and c of an LSTM. */
  readonly initial: readonly Tensor[]
  /** (3 · hidden), of an LSTM with peepholes. */
  readonly peepholes: Tensor | undefined
  readonly index: number
}

/** What a step makes of the projected input (batch, gates · hidden) and the states. */
type Step = (projected: Tensor, states: readonly Tensor[]) => readonly Tensor[]

interface Cell {
  readonly gates: number
  readonly activations: readonly string[]
  /** What `project` adds to x · Wᵀ. */
  readonly projectedBias: (direction: Direction, hidden: number) => Tensor
  readonly step: (call: NodeCall, direction: Direction, hidden: number) => Step
}

/**
 * A recurrent layer: x (time, batch, input) → all states (time, directions, batch, hidden) and the last ones. With `layout` 1 the
 * batch stands in front.
 */
function recurrent(call: NodeCall, cell: Cell): readonly Tensor[] {
  const isBatchFirst = call.int('layout', 0) === 1
  const x = isBatchFirst ? turned(call.input(0), [1, 0, 2]) : call.input(0)
  const batch = x.shape[1] as number
  const [w, r] = [call.input(1), call.input(2)]
  const hidden = r.shape[2] as number
  const isLstm = cell.gates === 4
  const lengths = call.optional(4)
  const sided = call.string('direction', 'forward')
  const names = call.strings('activations') ?? [...cell.activations, ...cell.activations]
  const limit = call.has('clip') ? call.float('clip', 0) : undefined
  const alphas = [...(call.floats('activation_alpha') ?? [])]
  const betas = [...(call.floats('activation_beta') ?? [])]
  const zeros = (shape: readonly number[]): Tensor =>
    apply('broadcast', [constant([0], [], x.dtype)], { shape })
  const initialOf = (given: Tensor | undefined, index: number): Tensor => {
    if (given === undefined) return zeros([batch, hidden])
    return ops.at(isBatchFirst ? turned(given, [1, 0, 2]) : given, index)
  }
  const direction = (index: number): Direction => {
    const bias = call.optional(3)
    const size = cell.gates * hidden
    const both = bias === undefined ? zeros([2 * size]) : ops.at(bias, index)
    const p = isLstm ? call.optional(7) : undefined
    return {
      w: ops.at(w, index),
      r: ops.at(r, index),
      biases: ops.split(both, 2) as [Tensor, Tensor],
      activations: names
        .slice(index * cell.activations.length, (index + 1) * cell.activations.length)
        .map((name, i) => {
          const own = activationOf(call, name, takeFor(name, alphas), takeFor(name, betas))
          // An LSTM's last one sees the cell's state, which no runtime clips.
          return limit === undefined || i === 2
            ? own
            : (value) => own(ops.clip(value, { min: -limit, max: limit }))
        }),
      initial: [initialOf(call.optional(5), index), ...(isLstm ? [initialOf(call.optional(6), index)] : [])],
      peepholes: p === undefined ? undefined : ops.at(p, index),
      index,
    }
  }
  const runs = (sided === 'bidirectional' ? [0, 1] : [0]).map((index) => {
    const one = direction(index)
    const isReverse = sided === 'reverse' || index === 1
    return runDirection(call, cell, x, one, hidden, isReverse, lengths)
  })
  const all = ops.stack(
    runs.map(({ outputs }) => outputs),
    1,
  )
  const last =
    runs[0]?.last.map((_, i) =>
      ops.stack(
        runs.map((run) => run.last[i] as Tensor),
        0,
      ),
    ) ?? []
  if (!isBatchFirst) return [all, ...last]
  return [turned(all, [2, 0, 1, 3]), ...last.map((state) => turned(state, [1, 0, 2]))]
}

/** Only some activations take coefficients: these are theirs in the order in which they stand. */
function takeFor(name: string, values: number[]): number | undefined {
  const takes = ['affine', 'leakyrelu', 'thresholdedrelu', 'scaledtanh', 'hardsigmoid', 'elu']
  return takes.includes(name.toLowerCase()) ? values.shift() : undefined
}

const turned = (x: Tensor, permutation: readonly number[]): Tensor => apply('transpose', [x], { permutation })

function runDirection(
  call: NodeCall,
  cell: Cell,
  x: Tensor,
  direction: Direction,
  hidden: number,
  isReverse: boolean,
  lengths: Tensor | undefined,
) {
  const [time, batch, features] = x.shape as readonly [number, number, number]
  // Sequences that are shorter are read from their own ends.
  const read = isReverse && lengths !== undefined ? reversedSequences(x, ops.cast(lengths, 'int32'), 0, 1) : x
  const flat = ops.reshape(read, [time * batch, features])
  const products = apply('matmul', [flat, turned(direction.w, [1, 0])], {})
  const projected = ops.add(
    ops.reshape(products, [time, batch, cell.gates * hidden]),
    cell.projectedBias(direction, hidden),
  )
  const step = cell.step(call, direction, hidden)
  const places = lengths === undefined ? [] : [apply('iota', [], { length: time, dtype: 'int32' })]
  const loop = ops.scan({
    initial: direction.initial,
    sequences: [projected, ...places],
    reverse: isReverse && lengths === undefined,
    step: (states: readonly Tensor[], [slice, place]: readonly Tensor[]) => {
      const made = step(slice as Tensor, states)
      if (place === undefined || lengths === undefined) return { carries: made, outputs: [made[0] as Tensor] }
      // After a sequence's end its states stay, and its outputs are 0.
      const isOver = ops.expandDims(ops.lessEqual(ops.cast(lengths, 'int32'), place), 1)
      const kept = made.map((state, i) => ops.where(isOver, states[i] as Tensor, state))
      return { carries: kept, outputs: [ops.where(isOver, 0, made[0] as Tensor)] }
    },
  })
  const [stacked] = loop.outputs
  const outputs =
    isReverse && lengths !== undefined
      ? reversedSequences(stacked as Tensor, ops.cast(lengths, 'int32'), 0, 1)
      : (stacked as Tensor)
  return { outputs, last: loop.carries }
}

const sumOfBiases = ({ biases: [w, r] }: Direction): Tensor => ops.add(w, r)

const plain: Cell = {
  gates: 1,
  activations: ['Tanh'],
  projectedBias: sumOfBiases,
  step: (_, { r, activations: [f] }) => {
    const rT = turned(r, [1, 0])
    return (projected, [h]) => [(f as Activation)(ops.add(projected, apply('matmul', [h as Tensor, rT], {})))]
  },
}

/** Gates in the order i, o, f, c (Hochreiter and Schmidhuber, 1997). */
const lstm: Cell = {
  gates: 4,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  projectedBias: sumOfBiases,
  step: (call, { r, peepholes, activations }, _hidden) => {
    const [f, g, h] = activations as readonly [Activation, Activation, Activation]
    const rT = turned(r, [1, 0])
    const couples = call.int('input_forget', 0) === 1
    const [pi, po, pf] = peepholes === undefined ? [] : ops.split(peepholes, 3)
    const seeing = (gate: Tensor, peephole: Tensor | undefined, cellState: Tensor): Tensor =>
      peephole === undefined ? gate : ops.add(gate, ops.mul(peephole, cellState))
    return (projected, [before, cellBefore]) => {
      const c = cellBefore as Tensor
      const gates = ops.add(projected, apply('matmul', [before as Tensor, rT], {}))
      const [i, o, forget, candidate] = ops.split(gates, 4, -1) as [Tensor, Tensor, Tensor, Tensor]
      const input = f(seeing(i, pi, c))
      const keep = couples ? ops.sub(1, input) : f(seeing(forget, pf, c))
      const next = ops.add(ops.mul(keep, c), ops.mul(input, g(candidate)))
      return [ops.mul(f(seeing(o, po, next)), h(next)), next]
    }
  },
}

/** Gates in the order z, r, h (Cho et al., 2014, https://arxiv.org/abs/1406.1078). */
const gru: Cell = {
  gates: 3,
  activations: ['Sigmoid', 'Tanh'],
  // The states' bias of the candidate stands inside of the product with r, where that comes after the product.
  projectedBias: ({ biases: [w, r] }, hidden) => {
    const [zr] = ops.split(r, [2 * hidden, hidden])
    return ops.add(w, ops.concat([zr as Tensor, ops.mul(ops.stridedSlice(r, 0, 2 * hidden), 0)]))
  },
  step: (call, { r, biases, activations }, hidden) => {
    const [f, g] = activations as readonly [Activation, Activation]
    const isAfter = call.int('linear_before_reset', 0) !== 0
    const [zr, candidate] = ops.split(r, [2 * hidden, hidden], 0) as [Tensor, Tensor]
    const [zrT, candidateT] = [turned(zr, [1, 0]), turned(candidate, [1, 0])]
    const bias = ops.stridedSlice(biases[1], 0, 2 * hidden)
    return (projected, [before]) => {
      const h = before as Tensor
      const [own, ownCandidate] = ops.split(projected, [2 * hidden, hidden], -1) as [Tensor, Tensor]
      const gates = f(ops.add(own, apply('matmul', [h, zrT], {})))
      const [z, reset] = ops.split(gates, 2, -1) as [Tensor, Tensor]
      const state = isAfter
        ? ops.mul(reset, ops.add(apply('matmul', [h, candidateT], {}), bias))
        : ops.add(apply('matmul', [ops.mul(reset, h), candidateT], {}), bias)
      const next = g(ops.add(ownCandidate, state))
      return [ops.add(ops.mul(ops.sub(1, z), next), ops.mul(z, h))]
    }
  },
}

const layer =
  (cell: Cell): Operator =>
  (call) =>
    recurrent(call, cell)

export const recurrentLayers: Operators = { GRU: layer(gru), LSTM: layer(lstm), RNN: layer(plain) }
