import { describe, expect, it } from 'vitest'
import { type DType, isFloating } from '../base/dtype.ts'
import * as tg from '../index.ts'
import { evaluateAll, ops, type Tensor, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { apply } from './apply.ts'

/** What a user may hold. */
const dtypes = ['float32', 'float64', 'float16', 'int32', 'int64', 'uint8', 'bool'] as const

const weights = tensor([[1], [2], [3]])
const one = tensor(1, { dtype: 'int32' })
const indices = tensor(
  [
    [0, 1, 0],
    [1, 1, 0],
  ],
  { dtype: 'int32' },
)
const line = (x: Tensor): Tensor => x.reshape([1, 6, 1])

/** Operations on a [2, 3] tensor of whole numbers from 1 to 6 (or bools), whose results bytes can hold. */
const operations: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  abs: tg.ops.abs,
  sign: tg.ops.sign,
  relu: tg.ops.relu,
  square: tg.ops.square,
  exp: tg.ops.exp,
  log1p: tg.ops.log1p,
  sqrt: tg.ops.sqrt,
  reciprocal: tg.ops.reciprocal,
  floor: tg.ops.floor,
  round: tg.ops.round,
  erf: tg.ops.erf,
  sin: tg.ops.sin,
  cos: tg.ops.cos,
  atan: tg.ops.atan,
  tanh: tg.ops.tanh,
  sigmoid: tg.ops.sigmoid,
  isNaN: tg.ops.isNaN,
  logicalNot: tg.ops.logicalNot,
  stopGradient: tg.ops.stopGradient,
  'add itself': (x) => tg.ops.add(x, x),
  'subtract itself': (x) => tg.ops.sub(x, x),
  'subtract one': (x) => tg.ops.sub(x, 1),
  'add a half': (x) => tg.ops.add(x, 0.5),
  'multiply by itself': (x) => tg.ops.mul(x, x),
  'divide by two': (x) => tg.ops.div(x, 2),
  'mod two': (x) => tg.ops.mod(x, 2),
  'floorDiv two': (x) => tg.ops.floorDiv(x, 2),
  'pow two': (x) => tg.ops.pow(x, 2),
  'pow three': (x) => tg.ops.pow(x, 3),
  maximum: (x) => tg.ops.maximum(x, 3),
  minimum: (x) => tg.ops.minimum(x, 3),
  clip: (x) => tg.ops.clip(x, { min: 2, max: 4 }),
  equal: (x) => tg.ops.equal(x, 1),
  'equal itself': (x) => tg.ops.equal(x, x),
  'less than itself': (x) => tg.ops.less(x, x),
  'lessEqual to itself': (x) => tg.ops.lessEqual(x, x),
  greater: (x) => tg.ops.greater(x, 2),
  logicalAnd: (x) => tg.ops.logicalAnd(x, x),
  where: (x) => tg.ops.where(x, x, x),
  'where or zero': (x) => tg.ops.where(x.greater(2), x, 0),
  sum: (x) => tg.ops.sum(x),
  'sum of an axis': (x) => tg.ops.sum(x, 1),
  prod: (x) => tg.ops.prod(x, 0),
  max: (x) => tg.ops.max(x),
  min: (x) => tg.ops.min(x, 1),
  mean: (x) => tg.ops.mean(x),
  std: (x) => tg.ops.std(x),
  any: (x) => tg.ops.any(x, 0),
  all: (x) => tg.ops.all(x),
  logSumExp: (x) => tg.ops.logSumExp(x),
  argMax: (x) => tg.ops.argMax(x, 1),
  argMin: (x) => tg.ops.argMin(x),
  cumsum: (x) => tg.ops.cumsum(x, 1),
  softmax: (x) => tg.ops.softmax(x),
  maskedSoftmax: (x) =>
    tg.ops.maskedSoftmax(x, { causal: true, queryOffset: one, mask: [[true, false, true]] }),
  logSoftmax: (x) => tg.ops.logSoftmax(x),
  sort: (x) => tg.ops.sort(x, -1, { descending: true }),
  argsort: (x) => tg.ops.argsort(x, 0),
  topK: (x) => tg.ops.topK(x, 2).values,
  matmul: (x) => tg.ops.matmul(x, x.transpose()),
  'matmul with weights': (x) => tg.ops.matmul(x, weights),
  outer: (x) => tg.ops.outer(x, x),
  dot: (x) => tg.ops.dot(x, x),
  einsum: (x) => tg.ops.einsum('ij,kj->ik', x, x),
  concat: (x) => tg.ops.concat([x, x], 1),
  stack: (x) => tg.ops.stack([x, x]),
  slice: (x) => tg.ops.slice(x, [0, 1], [2, 2]),
  flip: (x) => tg.ops.flip(x),
  roll: (x) => tg.ops.roll(x, 1, 1),
  pad: (x) =>
    tg.ops.pad(
      x,
      [
        [1, 0],
        [0, 1],
      ],
      { value: 1 },
    ),
  tile: (x) => tg.ops.tile(x, [2, 1]),
  repeat: (x) => tg.ops.repeat(x, 2),
  broadcastTo: (x) => tg.ops.broadcastTo(x, [2, 2, 3]),
  split: (x) => tg.ops.split(x, 3, 1)[1] as Tensor,
  tril: (x) => tg.ops.tril(x),
  transpose: (x) => tg.ops.transpose(x),
  gather: (x) => tg.ops.gather(x, [1, 0]),
  'gather by int64': (x) => tg.ops.gather(x, tensor([1], { dtype: 'int64' })),
  takeAlongAxis: (x) => tg.ops.takeAlongAxis(x, [[0], [1]]),
  dynamicSlice: (x) => tg.ops.dynamicSlice(x, [9, one], [1, 2]),
  dynamicUpdateSlice: (x) => tg.ops.dynamicUpdateSlice(x, x.slice([0, 0], [1, 2]), [one, one]),
  scatterAdd: (x) => tg.ops.scatterAdd(x, [0, 0], x),
  scatterElements: (x) =>
    apply('scatterElements', [indices, x.cast(x.dtype === 'bool' ? 'int32' : x.dtype)], { axis: 0, size: 2 }),
  maxPool: (x) => tg.ops.maxPool(line(x)),
  averagePool: (x) => tg.ops.averagePool(line(x)),
  conv: (x) => tg.ops.conv(line(x), weights.reshape([3, 1, 1])),
  barrier: (x) => apply('barrier', [x, x], {}),
  scan: (x) =>
    tg.ops.scan({
      initial: [x.slice([0], [1])],
      sequences: [x],
      step: ([c], [row]) => ({
        carries: [c],
        outputs: [tg.ops.maximum(c, row)],
      }),
    }).outputs[0],
}

describe('every operation takes every dtype, and gives what it gives for the same numbers as float32', () => {
  it.each(Object.entries(operations))('%s', async (_, operation) => {
    const cases = dtypes.map((dtype) => {
      const x = tensor(
        [
          [1, 2, 3],
          [4, 6, 5],
        ],
        { dtype },
      )
      return { dtype, received: operation(x), expected: operation(x.cast('float32')) }
    })
    await evaluateAll(cases.flatMap(({ received, expected }) => [received.cast('float32'), expected]))
    for (const { dtype, received, expected } of cases) {
      expect(received.shape).toEqual(expected.shape)
      // binary16 has 11 bits.
      const tolerance = { scaled: dtype === 'float16' ? 2e-3 : 1e-5 }
      expectClose(
        await received.cast('float32').data(),
        (await expected.cast('float32').data()) as Float32Array,
        tolerance,
        dtype,
      )
    }
  })
})

describe('dtypes of results', () => {
  it('promote to the wider of two', () => {
    const order: readonly DType[] = ['bool', 'uint8', 'int32', 'int64', 'float16', 'float32', 'float64']
    for (const [i, a] of order.entries())
      for (const [j, b] of order.entries()) expect(ops.promoteTypes(a, b)).toBe(order[Math.max(i, j)])
  })

  it('keep the tensor’s dtype next to a plain number that fits it', async () => {
    const of = (dtype: DType) => tensor([1, 2], { dtype })
    expect(of('float16').add(0.5).dtype).toBe('float16')
    expect(of('float64').add(1).dtype).toBe('float64')
    expect(of('int64').mul(3).dtype).toBe('int64')
    expect(of('uint8').add(1).dtype).toBe('uint8')
    expect(of('int32').mul(0.5).dtype).toBe('float32')
    expect(of('bool').add(1).dtype).toBe('int32')
    expect(of('bool').mul(0.5).dtype).toBe('float32')
    // A number outside of the bytes would wrap around.
    expect(await of('uint8').sub(3).toArray()).toEqual([254, 255])
    expect(of('uint8').greater(-1).dtype).toBe('bool')
    expect(await of('uint8').greater(-1).toArray()).toEqual([1, 1])
    expect(await of('uint8').add(1000).toArray()).toEqual([1001, 1002])
    expect(
      await of('int32')
        .add(2 ** 40)
        .toArray(),
    ).toEqual([2 ** 40 + 1, 2 ** 40 + 2])
  })

  it('are floating where the mathematics is', () => {
    const x = tensor([1, 2], { dtype: 'int32' })
    for (const y of [x.exp(), x.div(2), x.mean(), x.softmax(), x.sqrt(), x.std()])
      expect(isFloating(y.dtype)).toBe(true)
    for (const y of [x.add(1), x.sum(), x.floor(), x.abs(), x.max(), x.floorDiv(2), x.pow(2)])
      expect(y.dtype).toBe('int32')
    for (const y of [x.equal(1), x.isNaN(), x.any(), x.logicalNot()]) expect(y.dtype).toBe('bool')
    expect(tensor([true, true], { dtype: 'bool' }).sum().dtype).toBe('int32')
  })

  it('divide whole numbers as Python does', async () => {
    const a = tensor([7, -7, 7, -7], { dtype: 'int32' })
    const b = tensor([2, 2, -2, -2], { dtype: 'int32' })
    expect(await a.floorDiv(b).toArray()).toEqual([3, -4, -4, 3])
    expect(await a.mod(b).toArray()).toEqual([1, 1, -1, -1])
    expect(await a.div(b).toArray()).toEqual([3.5, -3.5, -3.5, 3.5])
  })

  it('casts: towards zero, not zero is true, and back', async () => {
    const x = tensor([-1.7, 0, 0.4, 2.6])
    expect(await x.cast('int32').toArray()).toEqual([-1, 0, 0, 2])
    expect(await x.cast('int64').toArray()).toEqual([-1, 0, 0, 2])
    expect(await x.cast('bool').toArray()).toEqual([1, 0, 1, 1])
    expect(await x.cast('bool').cast('float32').toArray()).toEqual([1, 0, 1, 1])
    expect(await x.cast('float16').cast('float32').data()).toEqual(
      Float32Array.of(-1.7001953125, 0, 0.39990234375, 2.599609375),
    )
  })

  it('bytes become floats before they are negated: cosh and sinh', async () => {
    const x = tensor([0, 6], { dtype: 'uint8' })
    expectClose(Array.from(await x.cosh().data(), Number), [1, Math.cosh(6)])
    expectClose(Array.from(await x.sinh().data(), Number), [0, Math.sinh(6)])
  })

  it('float64 has kernels for x·sigmoid(x), which ONNX Runtime would fuse to one that it lacks', async () => {
    const values = [-710, -2, 0, 0.5, 40]
    const expected = values.map((v) => v / (1 + Math.exp(-v)))
    const silu = await tg.ops.silu(tensor(values, { dtype: 'float64' })).data()
    Array.from(silu, Number).forEach((v, i) => {
      expect(Math.abs(v - (expected[i] as number))).toBeLessThanOrEqual(1e-14 * Math.abs(v) + 1e-300)
    })
  })
})
