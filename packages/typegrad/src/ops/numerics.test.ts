import { beforeAll, describe, expect, it } from 'vitest'
import * as tg from '../index.ts'
import { createEngine, evaluateAll, grad, setEngine, type Tensor, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { createWebEngine, type Engine } from '../testing/engines.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'

interface Arguments {
  readonly axis: number
  readonly descending: boolean
  readonly exponent: number
  readonly k: number
  readonly min: number
  readonly max: number
  readonly size: number
  readonly stride: number
  readonly padding: number
}

interface Case {
  readonly op: keyof typeof calls
  readonly inputs: readonly GoldenTensor[]
  readonly args: Arguments
  readonly output: GoldenTensor
  readonly gradients: GoldenTensor | null
}

const none = Number.NEGATIVE_INFINITY

const calls = {
  mod: ([a, b]: readonly Tensor[]) => tg.ops.mod(a as Tensor, b as Tensor),
  floorDiv: ([a, b]: readonly Tensor[]) => tg.ops.floorDiv(a as Tensor, b as Tensor),
  maximum: ([a, b]: readonly Tensor[]) => tg.ops.maximum(a as Tensor, b as Tensor),
  minimum: ([a, b]: readonly Tensor[]) => tg.ops.minimum(a as Tensor, b as Tensor),
  pow: ([a, b]: readonly Tensor[], { exponent }: Arguments) => tg.ops.pow(a as Tensor, b ?? exponent),
  clip: ([x]: readonly Tensor[], { min, max }: Arguments) => tg.ops.clip(x as Tensor, { min, max }),
  relu: ([x]: readonly Tensor[]) => tg.ops.relu(x as Tensor),
  max: ([x]: readonly Tensor[], { axis }: Arguments) => tg.ops.max(x as Tensor, axis),
  min: ([x]: readonly Tensor[], { axis }: Arguments) => tg.ops.min(x as Tensor, axis),
  argMax: ([x]: readonly Tensor[], { axis }: Arguments) => tg.ops.argMax(x as Tensor, axis),
  argMin: ([x]: readonly Tensor[], { axis }: Arguments) => tg.ops.argMin(x as Tensor, axis),
  sum: ([x]: readonly Tensor[], { axis }: Arguments) => tg.ops.sum(x as Tensor, axis),
  mean: ([x]: readonly Tensor[], { axis }: Arguments) => tg.ops.mean(x as Tensor, axis),
  prod: ([x]: readonly Tensor[], { axis }: Arguments) => tg.ops.prod(x as Tensor, axis),
  sort: ([x]: readonly Tensor[], { axis, descending }: Arguments) =>
    tg.ops.sort(x as Tensor, axis, { descending }),
  argsort: ([x]: readonly Tensor[], { axis, descending }: Arguments) =>
    tg.ops.argsort(x as Tensor, axis, { descending }),
  topK: ([x]: readonly Tensor[], { k }: Arguments) => tg.ops.topK(x as Tensor, k).values,
  logSumExp: ([x]: readonly Tensor[]) => tg.ops.logSumExp(x as Tensor, 0),
  maxPool: ([x]: readonly Tensor[], { size, stride, padding: p }: Arguments) =>
    tg.ops.maxPool(
      tg.ops.pad(
        x as Tensor,
        [
          [0, 0],
          [0, 0],
          [p, p],
          [p, p],
        ],
        { value: none },
      ),
      {
        poolSize: size,
        strides: stride,
        dataFormat: 'channelsFirst',
      },
    ),
} satisfies Record<string, (inputs: readonly Tensor[], args: Arguments) => Tensor>

const { cases } = readGolden<{ cases: readonly Case[] }>('numerics.json')
const names = [...new Set(cases.map(({ op }) => op))]

const run = ({ op, args }: Case, inputs: readonly Tensor[]): Tensor => calls[op](inputs, args)

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  native: () => createEngine(),
  'native without kernels': () => createEngine({ kernels: false }),
  WebAssembly: () => createWebEngine(),
}

/** A tensor of so many elements, all of one value. */
const same = (value: number, shape: readonly number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value), { shape })

describe.each(Object.keys(engines))('on the %s engine', (name) => {
  beforeAll(async () => {
    setEngine(await (engines[name] as () => Promise<Engine>)())
  })

  it.each(names)('%s of special values is as NumPy and PyTorch have it', async (op) => {
    const own = cases.filter((one) => one.op === op)
    const results = own.map((one) =>
      run(
        one,
        one.inputs.map((input) => fromGolden(input)),
      ),
    )
    const gradients = own.flatMap((one) =>
      one.gradients === null
        ? []
        : [
            {
              one,
              gradient: grad((x: Tensor) => run(one, [x]).sum())(fromGolden(one.inputs[0] as GoldenTensor)),
            },
          ],
    )
    await evaluateAll([...results, ...gradients.map(({ gradient }) => gradient)])
    for (const [i, one] of own.entries()) {
      const what = `${op} ${JSON.stringify(one.args)} of ${JSON.stringify(one.inputs[0]?.data)}`
      const result = results[i] as Tensor
      expect(result.shape, what).toEqual(one.output.shape)
      expectClose(await result.data(), goldenValues(one.output), { relative: 1e-6 }, what)
    }
    for (const { one, gradient } of gradients) {
      const expected = goldenValues(one.gradients as GoldenTensor)
      const values = [...(await gradient.data())].map(Number)
      // Where PyTorch has a number we have the same; of rows of −∞ alone it has none, and we have 0.
      expected.forEach((value, i) => {
        if (!Number.isNaN(value)) expect(values[i], JSON.stringify(one)).toBeCloseTo(value, 6)
      })
    }
  })

  it('NaN passes through large tensors, wherever it stands', async () => {
    const size = 40_000
    for (const at of [0, 1, 7, 8, 4095, 20_001, 39_999]) {
      const data = Float32Array.from({ length: size }, (_, i) => ((i * 7) % 13) - 6)
      data[at] = Number.NaN
      const x = tensor(data, { shape: [200, 200] })
      const [row, column] = [Math.floor(at / 200), at % 200]
      const images = x.reshape([1, 200, 200, 1])
      const results = {
        max: x.max(),
        rows: x.max(1).isNaN().cast('int32').argMax(),
        columns: x.min(0).isNaN().cast('int32').argMax(),
        place: x.argMax(),
        last: tg.ops.sort(x.flatten()).at(-1),
        first: tg.ops.topK(x.flatten(), 3).indices.at(0),
        pooled: tg.ops.maxPool(images).isNaN().cast('float32').sum(),
        relu: x.relu().clip({ min: -1, max: 1 }).sum(),
      }
      await evaluateAll(Object.values(results))
      const values = await Promise.all(Object.values(results).map((result) => result.item()))
      expect(values, `NaN at ${at}`).toEqual([Number.NaN, row, column, at, Number.NaN, at, 1, Number.NaN])
    }
  })

  it.each([
    ['one axis', [1_000_000], undefined],
    ['rows', [2, 1_000_000], 1],
    ['columns', [1_000_000, 2], 0],
    ['many columns', [40_000, 33], 0],
    ['both ends', [1000, 2, 1000], [0, 2]],
    ['a prime number', [1_000_003], undefined],
    ['rows of a prime number', [3, 100_003], 1],
    ['columns of a prime number', [100_003, 3], 0],
  ] as const)('the mean of many times 0.1 is 0.1: %s', async (_, shape, axis) => {
    const mean = tg.ops.mean(same(0.1, shape), axis)
    const expected = new Array<number>(mean.size).fill(Math.fround(0.1))
    expectClose(await mean.data(), expected, { relative: 3e-6 })
  })

  it('a mean of a million times 0.1 is right to 1e-7', async () => {
    expect(await same(0.1, [1_000_000]).mean().item()).toBeCloseTo(0.1, 7)
    expect(Math.abs((await same(0.1, [1_000_000]).mean().item()) - 0.1)).toBeLessThan(1e-8)
  })

  it('sums of random numbers of every length are those of float64', async () => {
    const lengths = [1, 2, 63, 64, 65, 127, 255, 256, 257, 511, 1021, 4096, 5003, 65_537]
    const values = (length: number) =>
      Float32Array.from({ length: 2 * length }, (_, i) => Math.fround(Math.sin(i * 12.9898) * 43.7 + 40))
    const sums = lengths.map((length) => tensor(values(length), { shape: [2, length] }).sum(1))
    const down = lengths.map((length) => tensor(values(length), { shape: [length, 2] }).sum(0))
    await evaluateAll([...sums, ...down])
    for (const [i, length] of lengths.entries()) {
      const data = values(length)
      const exact = (of: (k: number) => boolean) => data.reduce((sum, v, k) => (of(k) ? sum + v : sum), 0)
      const [row, column] = [sums[i] as Tensor, down[i] as Tensor]
      expectClose(await row.data(), [exact((k) => k < length), exact((k) => k >= length)], { relative: 1e-6 })
      expectClose(await column.data(), [exact((k) => k % 2 === 0), exact((k) => k % 2 === 1)], {
        relative: 1e-6,
      })
    }
  })

  it('running sums keep their digits, in both directions, with and without themselves', async () => {
    const length = 100_001
    for (const [exclusive, reverse] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const running = tg.ops.cumsum(same(0.1, [length]), 0, { exclusive, reverse })
      const sums = (await running.data()) as Float32Array
      const expected = Array.from(sums, (_, i) => {
        const count = (reverse ? length - i : i + 1) - (exclusive ? 1 : 0)
        return count * Math.fround(0.1)
      })
      expectClose(sums, expected, { relative: 1e-5 })
    }
  })

  it('variances of numbers that differ in their last digit', async () => {
    const close = tensor([10_000_001, 10_000_002, 10_000_003])
    const double = close.cast('float64')
    const whole = tensor([2_000_000_001, 2_000_000_002, 2_000_000_003], { dtype: 'int32' })
    expect(await close.variance().item()).toBeCloseTo(2 / 3, 6)
    expect(await close.std().item()).toBeCloseTo(Math.sqrt(2 / 3), 6)
    expect(await double.variance().item()).toBeCloseTo(2 / 3, 12)
    expect(await whole.variance().item()).toBeCloseTo(2 / 3, 6)
    // d/dx of the variance is 2 (x − mean) / n.
    const [gradient] = [grad((x: Tensor) => x.variance())(close)]
    expectClose(await gradient.data(), [-2 / 3, 0, 2 / 3])
  })

  it('integers divided by 0 give 0, and casts saturate', async () => {
    const x = tensor([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e10, -1e10, 2.7, -2.7])
    const int32 = [0, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1, -(2 ** 31), 2, -2]
    expect([...(await x.cast('int32').data())]).toEqual(int32)
    expect([...(await x.cast('uint8').data())]).toEqual([0, 255, 0, 255, 0, 2, 0])
    expect([...(await x.cast('uint32').data())]).toEqual([0, 2 ** 32 - 1, 0, 2 ** 32 - 1, 0, 2, 0])
    const [most, least] = [2n ** 63n - 1n, -(2n ** 63n)]
    expect([...(await x.cast('int64').data())]).toEqual([
      0n,
      most,
      least,
      10_000_000_000n,
      -10_000_000_000n,
      2n,
      -2n,
    ])
    for (const dtype of ['uint8', 'uint32', 'int64'] as const) {
      const [a, b] = [tensor([7, 0], { dtype }), tensor([0, 0], { dtype })]
      expect(await a.floorDiv(b).toArray()).toEqual([0, 0])
      expect(await a.mod(b).toArray()).toEqual([0, 0])
    }
  })

  it('int64 is exact beyond 2⁵³', async () => {
    const big = tensor([9_007_199_254_740_993n, -9_007_199_254_740_993n])
    expect(big.dtype).toBe('int64')
    expect([...(await big.add(1).data())]).toEqual([9_007_199_254_740_994n, -9_007_199_254_740_992n])
    expect([...(await big.mul(3).data())]).toEqual([27_021_597_764_222_979n, -27_021_597_764_222_979n])
    expect([...(await big.floorDiv(2).data())]).toEqual([4_503_599_627_370_496n, -4_503_599_627_370_497n])
    expect([...(await big.mod(10).data())]).toEqual([3n, 7n])
    expect([...(await big.pow(3).slice([0], [1]).data())]).toEqual([
      BigInt.asIntN(64, 9_007_199_254_740_993n ** 3n),
    ])
    expect([...(await tg.ops.sort(big).data())]).toEqual([-9_007_199_254_740_993n, 9_007_199_254_740_993n])
    expect([
      ...(await tg.ops
        .concat([big, big.at(0).reshape([1])])
        .sum(0)
        .reshape([1])
        .data()),
    ]).toEqual([9_007_199_254_740_993n])
    expect([...(await big.max().reshape([1]).data())]).toEqual([9_007_199_254_740_993n])
    await expect(big.toArray()).rejects.toThrow(/toArray: .* received 9007199254740993\. data\(\) gives/)
    await expect(big.at(0).item()).rejects.toThrow(/item: /)
  })
})

describe('elements that a dtype does not hold', () => {
  it.each([
    [
      'too large',
      () => tensor([[1, 300]], { dtype: 'uint8' }),
      /from 0 to 255 for dtype uint8, received 300 at \[0\]\[1\]/,
    ],
    ['negative', () => tensor([-1], { dtype: 'uint32' }), /received -1 at \[0\]/],
    ['a fraction', () => tensor([1, 1.5], { dtype: 'int32' }), /received 1\.5 at \[1\]/],
    ['NaN', () => tensor(Number.NaN, { dtype: 'int32' }), /received NaN/],
    ['infinity', () => tensor([Number.POSITIVE_INFINITY], { dtype: 'int64' }), /received Infinity/],
    ['beyond int64', () => tensor([2n ** 63n]), /received 9223372036854775808/],
    ['of a typed array', () => tensor(Float32Array.of(2, 0.5), { dtype: 'uint8' }), /received 0\.5 at \[1\]/],
    ['of int64', () => tensor(BigInt64Array.of(300n), { dtype: 'uint8' }), /received 300/],
    ['of a filled tensor', () => tg.full([2], 1.5, { dtype: 'int32' }), /received 1\.5/],
    ['of steps', () => tg.arange(0, 2, 0.5, { dtype: 'int32' }), /received 0\.5/],
    [
      'of a padding',
      () => tg.ops.pad(tensor([1], { dtype: 'int32' }), [[1, 1]], { value: 0.5 }),
      /received 0\.5/,
    ],
  ] as const)('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })

  it('bools are made of any number', async () => {
    expect(await tensor([2, 0.5, 0, Number.NaN], { dtype: 'bool' }).toArray()).toEqual([1, 1, 0, 1])
    const padded = tg.ops.pad(tensor([0, 1], { dtype: 'bool' }), [[1, 0]], { value: 3 })
    expect(await padded.toArray()).toEqual([1, 0, 1])
  })
})

describe('reductions, products and pieces of nothing', () => {
  const empty = (...shape: number[]): Tensor => tensor(new Float32Array(0), { shape })

  it('an extreme of nothing is an error, where there is a result', () => {
    const extremes: readonly ((x: Tensor, axis: number) => Tensor)[] = [
      (x, axis) => tg.ops.max(x, axis),
      (x, axis) => tg.ops.min(x, axis),
      (x, axis) => tg.ops.argMax(x, axis),
      (x, axis) => tg.ops.argMin(x, axis),
    ]
    for (const op of extremes) {
      expect(() => op(empty(0), 0)).toThrow(
        /expected at least one element along the axes, received shape \[0\]/,
      )
      expect(() => op(empty(2, 0), 1)).toThrow(/at least one element/)
      expect(op(empty(0, 2), 1).shape).toEqual([0])
    }
  })

  it('sums are 0, products 1, means NaN, and gradients have their shapes', async () => {
    const values = await Promise.all(
      [
        empty(0).sum(),
        empty(0).prod(),
        empty(0).mean(),
        empty(0).variance(),
        empty(0).logSumExp(),
        empty(0).any(),
        empty(0).all(),
        empty(2, 0).matmul(empty(0, 1)).sum(),
        empty(0).dot(empty(0)),
      ].map((x) => x.item()),
    )
    expect(values).toEqual([0, 1, Number.NaN, Number.NaN, Number.NEGATIVE_INFINITY, 0, 1, 0, 0])
    const x = empty(2, 0)
    for (const f of [
      (t: Tensor) => t.sum(),
      (t: Tensor) => t.prod(1).sum(),
      (t: Tensor) => t.mean(0).sum(),
      (t: Tensor) => t.variance(0).sum(),
      (t: Tensor) => t.logSumExp(1).sum(),
      (t: Tensor) => t.matmul(empty(0, 3)).sum(),
      (t: Tensor) => tg.ops.concat([t, tg.ones([2, 1])], 1).sum(),
      (t: Tensor) => tg.ops.sort(t).sum(),
      (t: Tensor) => t.cumsum(1).sum(),
      (t: Tensor) => t.softmax().sum(),
    ]) {
      const gradient = grad(f)(x)
      expect(gradient.shape).toEqual([2, 0])
      expect((await gradient.data()).length).toBe(0)
    }
    const none = tensor([], { dtype: 'int32' })
    const picked = grad((t: Tensor) => tg.ops.gather(t, none).sum())(tensor([1, 2, 3]))
    expect(await picked.toArray()).toEqual([0, 0, 0])
    const weights = grad((w: Tensor) => empty(0, 2).matmul(w).sum())(tg.ones([2, 3]) as Tensor)
    expect(await weights.toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('norms and deviations of 0 pass a gradient of 0, as in PyTorch', async () => {
    const x = tensor([
      [0, 0],
      [3, 4],
      [2, 2],
    ]) as Tensor
    const ofNorm = await grad((t: Tensor) => t.norm(1).sum())(x).data()
    expectClose(ofNorm, [0, 0, 0.6, 0.8, Math.SQRT1_2, Math.SQRT1_2])
    const ofStd = await grad((t: Tensor) => t.std(1).sum())(x).data()
    expectClose(ofStd, [0, 0, -0.5, 0.5, 0, 0])
    expect(await x.norm(1).toArray()).toEqual([0, 5, Math.fround(Math.sqrt(8))])
  })
})
