import { type DType, isFloating } from '../../base/dtype.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { scalar, type Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

type Reduce = (x: Tensor, axes: readonly number[], keepDims: boolean) => Tensor

/** Axes were attributes once (of ReduceSum until 12, of the others until 17), and are an input since. */
const reduction =
  (reduce: Reduce): Operator =>
  (call) => {
    const x = call.input(0)
    const given = call.intsOrInput('axes', 1)
    if ((given ?? []).length === 0 && call.int('noop_with_empty_axes', 0) === 1) return reduce(x, [], true)
    const axes = (given ?? []).length === 0 ? x.shape.map((_, i) => i) : (given as readonly number[])
    return reduce(
      x,
      axes.map((axis) => call.axis(x, axis)),
      call.int('keepdims', 1) === 1,
    )
  }

/** Without axes ONNX's operator would reduce them all. */
const reduced = (
  kind: 'reduceSum' | 'reduceProd' | 'reduceMax' | 'reduceMin',
  x: Tensor,
  axes: readonly number[],
  keepDims: boolean,
): Tensor => {
  if (axes.length === 0) return x
  if (axes.some((axis) => x.shape[axis] === 0)) return ofNothing(kind, x, axes, keepDims)
  return apply(kind, [x], { axes, keepDims })
}

/** What a reduction begins with: the largest of nothing is the smallest number that there is. */
function ofNothing(
  kind: 'reduceSum' | 'reduceProd' | 'reduceMax' | 'reduceMin',
  { dtype, shape }: Tensor,
  axes: readonly number[],
  keepDims: boolean,
): Tensor {
  const [lowest, highest] = bounds[dtype]
  const start = { reduceSum: 0, reduceProd: 1, reduceMax: lowest, reduceMin: highest }[kind]
  const kept = shape.flatMap((d, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [d]))
  return apply('broadcast', [scalar(start, dtype)], { shape: kept })
}

const infinities = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const
const bounds: Readonly<Record<DType, readonly [lowest: number, highest: number]>> = {
  float16: infinities,
  bfloat16: infinities,
  float32: infinities,
  float64: infinities,
  // The largest int64 that a number of JavaScript is.
  int64: [-(2 ** 63), 2 ** 63 - 1024],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint8: [0, 255],
  bool: [0, 1],
}

const sum: Reduce = (x, axes, keepDims) => reduced('reduceSum', x, axes, keepDims)

/** In bools the largest is "any" and the smallest "all". */
const extreme =
  (kind: 'reduceMax' | 'reduceMin'): Reduce =>
  (x, axes, keepDims) =>
    x.dtype === 'bool'
      ? ops.cast(reduced(kind, ops.cast(x, 'uint8'), axes, keepDims), 'bool')
      : reduced(kind, x, axes, keepDims)

const mean: Reduce = (x, axes, keepDims) => {
  const count = axes.reduce((size, axis) => size * (x.shape[axis] as number), 1)
  const total = sum(x, axes, keepDims)
  return apply('div', [total, scalar(count, x.dtype)], {})
}

/** Positions are int64. Of equal ones the first, or the last by `select_last_index`. */
const position =
  (kind: 'argMax' | 'argMin'): Operator =>
  (call: NodeCall) => {
    const x = call.input(0)
    const axis = call.axis(x, call.int('axis', 0))
    const isLast = call.int('select_last_index', 0) === 1
    const found = apply(kind, [isLast ? ops.flip(x, axis) : x], { axis })
    const at = isLast ? ops.sub((x.shape[axis] as number) - 1, found) : found
    return ops.cast(call.int('keepdims', 1) === 1 ? ops.expandDims(at, axis) : at, 'int64')
  }

const logSumExp: Reduce = (x, axes, keepDims) =>
  axes.length === 0 ? x : ops.logSumExp(x, axes, { keepDims })

/** Integers have no root: it is taken in float and cut. */
const l2: Reduce = (x, axes, keepDims) => {
  const squares = sum(apply('mul', [x, x], {}), axes, keepDims)
  return isFloating(x.dtype) ? ops.sqrt(squares) : ops.cast(ops.sqrt(ops.cast(squares, 'float64')), x.dtype)
}

export const reductions: Operators = {
  ArgMax: position('argMax'),
  ArgMin: position('argMin'),
  ReduceL1: reduction((x, axes, keepDims) => sum(apply('abs', [x], {}), axes, keepDims)),
  ReduceL2: reduction(l2),
  ReduceLogSum: reduction((x, axes, keepDims) => ops.log(sum(x, axes, keepDims))),
  ReduceLogSumExp: reduction(logSumExp),
  ReduceMax: reduction(extreme('reduceMax')),
  ReduceMean: reduction(mean),
  ReduceMin: reduction(extreme('reduceMin')),
  ReduceProd: reduction((x, axes, keepDims) => reduced('reduceProd', x, axes, keepDims)),
  ReduceSum: reduction(sum),
  ReduceSumSquare: reduction((x, axes, keepDims) => sum(apply('mul', [x, x], {}), axes, keepDims)),
}
