import { sameShape } from '../../base/shape.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { scalar, type Tensor } from '../../tensor/tensor.ts'
import { knownValues } from '../known-values.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

/** The branch that is taken, where that is known; where the data decide, both, and a choice between what they give. */
const branch: Operator = (call) => {
  const condition = call.input(0)
  const known = knownValues(condition)?.[0]
  const branchOf = (name: string): readonly Tensor[] => call.around.runGraph(call.graph(name), [])
  if (known !== undefined) return branchOf(known === 0 ? 'else_branch' : 'then_branch')
  const [yes, no] = [branchOf('then_branch'), branchOf('else_branch')]
  return yes.map((a, i) => {
    const b = no[i] as Tensor
    if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape))
      call.refuse('whose condition depends on the data and whose branches give different shapes')
    return apply('select', [ops.reshape(condition, []), a, b], {})
  })
}

/** Steps of a loop that become a part of the graph each. */
const most = 512

/**
 * A loop is unrolled: its number of steps has to be known. A condition may end it early where it is known, or where the data
 * decide (then what is carried stays as it is from there on).
 */
const loop: Operator = (call) => {
  const body = call.graph('body')
  const trips = call.numbersIf(0)?.[0] ?? Number.POSITIVE_INFINITY
  const start = call.optional(1)
  let goesOn = start === undefined ? scalar(1, 'bool') : ops.reshape(start, [])
  let carried = call.inputs.slice(2).map((_, i) => call.input(i + 2))
  const scanned: Tensor[][] = body.outputs.slice(1 + carried.length).map(() => [])
  for (let i = 0; i < trips; i++) {
    const known = knownValues(goesOn)?.[0]
    if (known === 0) break
    if (i >= most) call.refuse(`of more than ${most} steps`)
    if (known === undefined && (scanned.length > 0 || trips === Number.POSITIVE_INFINITY))
      call.refuse('whose number of steps depends on the data')
    const [next, ...rest] = call.around.runGraph(body, [scalar(i, 'int64'), goesOn, ...carried]) as [
      Tensor,
      ...Tensor[],
    ]
    const isRunning = goesOn
    carried = carried.map((before, j) => {
      const after = rest[j] as Tensor
      if (known !== undefined) return after
      if (!sameShape(before.shape, after.shape))
        call.refuse('whose number of steps depends on the data and that carries what changes its shape')
      return apply('select', [isRunning, after, before], {})
    })
    for (const [j, all] of scanned.entries()) all.push(rest[carried.length + j] as Tensor)
    const after = ops.reshape(next, [])
    goesOn = known === undefined ? ops.logicalAnd(isRunning, after) : after
  }
  return [...carried, ...scanned.map((all) => (all.length > 0 ? ops.stack(all, 0) : emptyScan(call)))]
}

const emptyScan = (call: NodeCall): Tensor => call.refuse('of no steps whose results are stacked')

/** A loop over slices of sequences, which stays a loop. */
const scan: Operator = (call) => {
  if (call.opset < 9) return call.refuse('of version 8')
  const body = call.graph('body')
  const count = call.int('num_scan_inputs', 0)
  const states = call.inputs.length - count
  const inputs = call.inputs.map((_, i) => call.input(i))
  const outputs = body.outputs.length - states
  const list = (name: string, length: number): readonly number[] =>
    call.ints(name) ?? new Array<number>(length).fill(0)
  const [inputAxes, outputAxes] = [list('scan_input_axes', count), list('scan_output_axes', outputs)]
  const [inputTurns, outputTurns] = [
    list('scan_input_directions', count),
    list('scan_output_directions', outputs),
  ]
  const sequences = inputs.slice(states).map((x, i) => {
    const axis = call.axis(x, inputAxes[i] as number)
    const first = moved(x, axis, 0)
    return inputTurns[i] === 1 ? ops.flip(first, 0) : first
  })
  const made = ops.scan({
    initial: inputs.slice(0, states),
    sequences,
    step: (carries: readonly Tensor[], slices: readonly Tensor[]) => {
      const given = call.around.runGraph(body, [...carries, ...slices])
      return { carries: given.slice(0, states), outputs: given.slice(states) }
    },
  })
  const stacked = made.outputs.map((x, i) => {
    const turned = outputTurns[i] === 1 ? ops.flip(x, 0) : x
    return moved(turned, 0, call.axis(turned, outputAxes[i] as number))
  })
  return [...made.carries, ...stacked]
}

function moved(x: Tensor, from: number, to: number): Tensor {
  if (from === to) return x
  const rest = x.shape.map((_, i) => i).filter((i) => i !== from)
  return apply('transpose', [x], { permutation: rest.toSpliced(to, 0, from) })
}

export const controlFlow: Operators = { If: branch, Loop: loop, Scan: scan }
