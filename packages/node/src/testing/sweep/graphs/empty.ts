import * as tg from 'typegrad'
import { type Tensor, TypegradError, tensor } from 'typegrad'
import type { Sweep, Verdict } from '../run-sweep.ts'
import { sizeOf } from './graph-case.ts'

type Operation = (x: Tensor, axis: number) => Tensor | readonly Tensor[]

const times = (x: Tensor, w: Tensor): Tensor => tg.ops.matmul(x, w)

/** Operations on tensors of rank 3 or 4, all of whose sizes may be 0. */
const operations: Readonly<Record<string, Operation>> = {
  add: (x) => x.add(1).mul(x),
  broadcast: (x) => x.add(tensor([1, 2, 3]).reshape([3, 1, 1, 1]).sum()),
  where: (x) => tg.ops.where(x.greater(0), x, x.mul(2)),
  comparison: (x) => tg.ops.logicalAnd(x.greater(0), x.less(1)),
  activations: (x) => tg.ops.gelu(tg.ops.softplus(x.tanh().sigmoid().exp())),
  sum: (x, axis) => x.sum(axis),
  sumOfAll: (x) => x.sum(),
  sumOfSquares: (x) => x.square().sum(),
  prod: (x, axis) => tg.ops.prod(x, axis),
  mean: (x, axis) => x.mean(axis),
  variance: (x, axis) => tg.ops.variance(x, axis),
  max: (x, axis) => x.max(axis),
  min: (x, axis) => x.min(axis),
  argMax: (x, axis) => tg.ops.argMax(x, axis),
  any: (x, axis) => tg.ops.any(x.greater(0), axis),
  logSumExp: (x, axis) => tg.ops.logSumExp(x, axis),
  norm: (x, axis) => tg.ops.norm(x, axis),
  softmax: (x, axis) => x.softmax(axis),
  maskedSoftmax: (x) => tg.ops.maskedSoftmax(x, { causal: true, mask: x.greater(0) }),
  logSoftmax: (x, axis) => tg.ops.logSoftmax(x, axis),
  cumsum: (x, axis) => x.cumsum(axis),
  sort: (x, axis) => x.sort(axis),
  argsort: (x, axis) => tg.ops.argsort(x, axis),
  topK: (x) => {
    const { values, indices } = tg.ops.topK(x, Math.min(1, x.shape.at(-1) as number))
    return [values, indices]
  },
  transpose: (x) => x.transpose(),
  reshape: (x) => x.reshape([x.size]),
  flip: (x, axis) => x.flip(axis),
  roll: (x, axis) => tg.ops.roll(x, 1, axis),
  tile: (x) => x.tile(x.shape.map(() => 2)),
  repeat: (x, axis) => tg.ops.repeat(x, 2, axis),
  pad: (x) => x.pad(x.shape.map(() => [1, 0] as const)),
  concat: (x, axis) => tg.ops.concat([x, x], axis),
  stack: (x, axis) => tg.ops.stack([x, x], axis),
  split: (x, axis) => tg.ops.split(x, [0, x.shape[axis] as number], axis),
  slice: (x) =>
    tg.ops.slice(
      x,
      x.shape.map(() => 0),
      x.shape.map((d) => Math.min(d, 1)),
    ),
  dynamicSlice: (x) =>
    tg.ops.dynamicSlice(
      x,
      tensor(new Int32Array(x.rank)),
      x.shape.map((d) => Math.min(d, 1)),
    ),
  dynamicUpdateSlice: (x) =>
    tg.ops.dynamicUpdateSlice(x, tg.zeros(x.shape.map((d) => d >> 1)), tensor(new Int32Array(x.rank))),
  strided: (x, axis) => tg.ops.stridedSlice(x, axis, 0, x.shape[axis] as number, 2),
  reversed: (x, axis) =>
    tg.ops.stridedSlice(x, axis, (x.shape[axis] as number) - 1, -(x.shape[axis] as number) - 1, -2),
  gatherNone: (x, axis) => x.gather(tensor([], { shape: [0], dtype: 'int32' }), axis),
  gather: (x, axis) =>
    x.gather(x.shape[axis] === 0 ? tensor([], { shape: [0], dtype: 'int32' }) : [0, 0], axis),
  takeAlongAxis: (x, axis) => tg.ops.takeAlongAxis(x, tg.ops.argsort(x, axis), axis),
  scatterAdd: (x) =>
    tg.ops.scatterAdd(x, tensor([], { shape: [0], dtype: 'int32' }), tg.zeros([0, ...x.shape.slice(1)])),
  oneHot: (x) => tg.ops.oneHot(x.greater(0).cast('int32'), 3),
  matmul: (x) => times(x, tg.ones([x.shape.at(-1) as number, 5])),
  matmulWithBias: (x) => tg.ops.relu(times(x, tg.ones([x.shape.at(-1) as number, 5])).add(tg.ones([5]))),
  matmulToNone: (x) => times(x, tg.ones([x.shape.at(-1) as number, 0])),
  batchMatmul: (x) => times(x, x.transpose([...x.shape.keys()].slice(0, -2).concat(x.rank - 1, x.rank - 2))),
  einsum: (x) => tg.ops.einsum('...i,...i->...', x, x),
  tril: (x) => tg.ops.tril(x),
  conv: (x) =>
    tg.ops.conv(x, tg.ones([...x.shape.slice(1, -1).map(() => 2), x.shape.at(-1) as number, 3]), {
      padding: 'same',
    }),
  convByThrees: (x) =>
    tg.ops.conv(x, tg.ones([...x.shape.slice(1, -1).map(() => 3), x.shape.at(-1) as number, 8]), {
      padding: 'same',
    }),
  convTranspose: (x) =>
    tg.ops.convTranspose(x, tg.ones([...x.shape.slice(1, -1).map(() => 2), 3, x.shape.at(-1) as number]), {
      strides: 2,
    }),
  maxPool: (x) => tg.ops.maxPool(x),
  maxPoolSame: (x) => tg.ops.maxPool(x, { poolSize: 3, strides: 1, padding: 'same' }),
  averagePool: (x) => tg.ops.averagePool(x),
  normalized: (x, axis) => tg.ops.normalize(x, axis),
  cast: (x) => x.cast('int32').cast('float64').cast('bool'),
}

const shapes = [
  [0, 3, 4],
  [2, 0, 4],
  [2, 3, 0],
  [0, 0, 0],
  [0, 4, 4, 3],
  [2, 0, 4, 3],
  [2, 4, 0, 3],
  [2, 4, 4, 0],
  [1, 1, 1, 1],
] as const

/**
 * Tensors without elements: each operation gives what its shape says, or says itself what is wrong; the runtime never
 * has to refuse it, and no process ends.
 */
export const empty: Sweep = {
  shortCases: 40,
  dimensions: {
    operation: Object.keys(operations),
    shape: shapes,
    axis: [0, 1, -1],
    hasGradient: [false, true],
  },
  async judge(values): Promise<Verdict> {
    const { operation, shape, axis, hasGradient } = values as {
      operation: string
      shape: readonly number[]
      axis: number
      hasGradient: boolean
    }
    const x = tensor(new Float32Array(sizeOf(shape)), { shape })
    const at = axis < 0 ? shape.length + axis : axis
    const all = (t: Tensor): readonly Tensor[] => [operations[operation]?.(t, at) ?? []].flat()
    const what = `${operation} of [${shape.join(', ')}] on axis ${axis}${hasGradient ? ', its gradient' : ''}`
    try {
      const results = hasGradient
        ? [tg.grad((t: Tensor) => (all(t)[0] as Tensor).cast('float32').sum() as Tensor)(x)]
        : all(x)
      for (const result of results) {
        const data = await result.data()
        if (data.length !== sizeOf(result.shape)) return { wrong: `${what}: ${data.length} elements` }
        if (hasGradient && String(result.shape) !== String(shape))
          return { wrong: `${what}: a gradient of shape [${result.shape.join(', ')}]` }
      }
      return 'right'
    } catch (error) {
      if (error instanceof TypegradError && error.code !== 'engine') return 'right'
      return { wrong: `${what}: ${error instanceof Error ? error.message : String(error)}` }
    }
  },
}
