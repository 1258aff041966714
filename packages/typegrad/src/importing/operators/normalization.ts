import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { normalizeMoments } from '../../ops/normalization.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'
import { perChannel } from './convolutions.ts'

/** (x − mean) / √(variance + ε) over axes. */
const normalized = (x: Tensor, axes: readonly number[], epsilon: number): Tensor =>
  normalizeMoments(x, { axes, epsilon }).value

const spatialAxes = (x: Tensor): number[] => x.shape.map((_, i) => i).slice(2)

/**
 * By the averages that the file has: a network that is fine-tuned keeps them, as is usual where batches are small. Only a file that
 * was exported for training normalises by the batch.
 */
const batchNormalization: Operator = (call) => {
  const [x, scale, bias] = [call.input(0), call.input(1), call.input(2)]
  const epsilon = call.float('epsilon', 1e-5)
  if (call.int('training_mode', 0) === 1) return inTraining(call, x, scale, bias, epsilon)
  const [mean, variance] = [call.input(3), call.input(4)]
  const factor = ops.div(scale, ops.sqrt(ops.add(variance, epsilon)))
  const shift = ops.sub(bias, ops.mul(mean, factor))
  return ops.add(ops.mul(x, perChannel(factor, x)), perChannel(shift, x))
}

/** y, and the averages moved on by the batch's. */
function inTraining(
  call: NodeCall,
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  epsilon: number,
): readonly Tensor[] {
  const axes = [0, ...spatialAxes(x)]
  const mean = ops.mean(x, axes)
  const variance = ops.variance(x, axes)
  const y = ops.add(ops.mul(normalized(x, axes, epsilon), perChannel(scale, x)), perChannel(bias, x))
  const momentum = call.float('momentum', 0.9)
  const moved = (old: Tensor, own: Tensor): Tensor =>
    ops.add(ops.mul(old, momentum), ops.mul(own, 1 - momentum))
  return [y, moved(call.input(3), mean), moved(call.input(4), variance)]
}

/** Each channel of each sample by itself (Ulyanov et al., 2016, https://arxiv.org/abs/1607.08022). */
const instanceNormalization: Operator = (call) => {
  const x = call.input(0)
  const made = normalized(x, spatialAxes(x), call.float('epsilon', 1e-5))
  return ops.add(ops.mul(made, perChannel(call.input(1), x)), perChannel(call.input(2), x))
}

/** Over the axes from `axis` on (Ba et al., 2016, https://arxiv.org/abs/1607.06450). */
const layerNormalization: Operator = (call) => {
  const x = call.input(0)
  const axis = call.axis(x, call.int('axis', -1))
  const axes = x.shape.map((_, i) => i).slice(axis)
  return layerNormalized(x, axes, call.float('epsilon', 1e-5), call.input(1), call.optional(2))
}

/** y, the means, and 1 / √(variance + ε). */
export function layerNormalized(
  x: Tensor,
  axes: readonly number[],
  epsilon: number,
  scale: Tensor,
  bias: Tensor | undefined,
): readonly [Tensor, Tensor, Tensor] {
  const { value, mean, variance } = normalizeMoments(x, { axes, epsilon })
  const scaled = ops.mul(value, scale)
  return [bias === undefined ? scaled : ops.add(scaled, bias), mean, ops.rsqrt(ops.add(variance, epsilon))]
}

/** Without the mean (Zhang and Sennrich, 2019, https://arxiv.org/abs/1910.07467). */
const rmsNormalization: Operator = (call) => {
  const x = call.input(0)
  const axis = call.axis(x, call.int('axis', -1))
  return rootMeanSquare(x, x.shape.map((_, i) => i).slice(axis), call.float('epsilon', 1e-5), call.input(1))
}

export function rootMeanSquare(x: Tensor, axes: readonly number[], epsilon: number, scale: Tensor): Tensor {
  const square = ops.mean(ops.square(x), axes, { keepDims: true })
  return ops.mul(ops.div(x, ops.sqrt(ops.add(square, epsilon))), scale)
}

/** Groups of channels; before version 21 scale and bias are a group's, since then a channel's. */
const groupNormalization: Operator = (call) => {
  const [x, scale, bias] = [call.input(0), call.input(1), call.input(2)]
  const groups = call.int('num_groups', 1)
  const [batch, channels, ...spatial] = x.shape as readonly [number, number, ...number[]]
  const apart = ops.reshape(x, [batch, groups, channels / groups, ...spatial])
  const made = normalized(apart, apart.shape.map((_, i) => i).slice(2), call.float('epsilon', 1e-5))
  const perGroup = (values: Tensor): Tensor =>
    call.opset < 21
      ? ops.reshape(values, [groups, 1, ...spatial.map(() => 1)])
      : ops.reshape(values, [groups, channels / groups, ...spatial.map(() => 1)])
  return ops.reshape(ops.add(ops.mul(made, perGroup(scale)), perGroup(bias)), x.shape)
}

const lpNormalization: Operator = (call) => {
  const x = call.input(0)
  const axis = call.axis(x, call.int('axis', -1))
  const norm =
    call.int('p', 2) === 1
      ? ops.sum(ops.abs(x), axis, { keepDims: true })
      : ops.sqrt(ops.sum(ops.square(x), axis, { keepDims: true }))
  // ONNX gives 0 where the norm is 0.
  return ops.div(x, ops.where(ops.equal(norm, 0), 1, norm))
}

/** ONNX adds 1e-9 to the deviation, not to the variance: 1e-18 here is that where it matters, and has a slope at 0. */
const meanVarianceNormalization: Operator = (call) =>
  normalized(call.input(0), call.ints('axes') ?? [0, 2, 3], 1e-18)

/** Local response normalization: over a window of channels (Krizhevsky et al., 2012). */
const lrn: Operator = (call) => {
  const x = call.input(0)
  if (x.size === 0) return x
  const size = call.int('size', 1)
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)]
  const [batch, channels, ...spatial] = x.shape as readonly [number, number, ...number[]]
  const squares = ops.reshape(ops.square(x), [batch, 1, channels, spatial.reduce((a, b) => a * b, 1)])
  const ones = constant(new Array<number>(size).fill(1), [1, 1, size, 1], x.dtype)
  const sums = apply('conv', [squares, ones], {
    strides: [1, 1],
    dilation: [1, 1],
    groups: 1,
    padding: [
      [before, after],
      [0, 0],
    ],
  })
  const scaled = ops.add(
    ops.mul(ops.reshape(sums, x.shape), call.float('alpha', 1e-4) / size),
    call.float('bias', 1),
  )
  return ops.div(x, ops.pow(scaled, call.float('beta', 0.75)))
}

export const normalization: Operators = {
  BatchNormalization: batchNormalization,
  Dropout: (call) => {
    // What is dropped in training is the trainer's choice here, not the file's.
    const x = apply('identity', [call.input(0)], {})
    return [x, apply('broadcast', [constant([1], [], 'bool')], { shape: x.shape })]
  },
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: lrn,
  LayerNormalization: layerNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  RMSNormalization: rmsNormalization,
}
