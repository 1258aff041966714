import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  compile,
  createEngine,
  DTypeError,
  evaluateAll,
  grad,
  ones,
  ops,
  random,
  ShapeError,
  setEngine,
  type Tensor,
  tensor,
  Variable,
  zeros,
} from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { createWebEngine } from '../testing/engines.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'

interface Case {
  readonly options: {
    readonly causal: boolean
    readonly queryOffset: number
    readonly slidingWindow?: number
    readonly scale?: number
    readonly softCap?: number
  }
  readonly mask: GoldenTensor | null
  /** Query, key and value: (batch, steps, heads, dim). */
  readonly inputs: readonly GoldenTensor[]
  readonly cotangent: GoldenTensor
  readonly output: GoldenTensor
  /** Of Σ output · cotangent, and of Σ gradient · input, in query, key and value. */
  readonly gradients: readonly GoldenTensor[]
  readonly second: readonly GoldenTensor[]
}

const { cases } = readGolden<{ cases: readonly Case[] }>('attention.json')

const titleOf = ({ options, mask, inputs }: Case): string =>
  `${inputs.map(({ shape }) => `[${shape}]`).join(' ')} ${JSON.stringify(options)}${mask === null ? '' : ` mask [${mask.shape}]`}`

/** The output, and gradients to first and second order. */
function derivatives({ options, mask, inputs, cotangent }: Case, queryOffset: number | Tensor): Tensor[] {
  const given = {
    ...options,
    queryOffset,
    ...(mask !== null && { mask: fromGolden(mask) }),
  }
  const attend = ([q, k, v]: readonly Tensor[]) =>
    ops.dotProductAttention(q as Tensor, k as Tensor, v as Tensor, given)
  const operands = inputs.map((input) => fromGolden(input))
  const gradients = grad((x: readonly Tensor[]) => attend(x).mul(fromGolden(cotangent)).sum())
  const second = grad((x: readonly Tensor[]) =>
    gradients(x)
      .map((g, i) => g.mul(operands[i] as Tensor).sum())
      .reduce((a, b) => a.add(b)),
  )
  return [attend(operands), ...gradients(operands), ...second(operands)]
}

describe('is what PyTorch computes, with gradients to second order', () => {
  test.each(cases.map((golden) => [titleOf(golden), golden] as const))('%s', async (_, golden) => {
    const expected = [golden.output, ...golden.gradients, ...golden.second]
    const { queryOffset } = golden.options
    const offsets = [
      queryOffset,
      tensor(queryOffset, { dtype: 'int32' }),
      tensor(queryOffset, { dtype: 'int64' }),
    ]
    const results = offsets.flatMap((offset) => derivatives(golden, offset))
    await evaluateAll(results)
    for (const [i, result] of results.entries()) {
      const wanted = expected[i % expected.length] as GoldenTensor
      expect(result.shape).toEqual(wanted.shape)
      expectClose(await result.data(), goldenValues(wanted), {}, `result ${i}`)
    }
  })

  test('on the WebAssembly engine', async () => {
    setEngine(await createWebEngine())
    try {
      for (const golden of cases.filter((_, i) => i % 4 === 1)) {
        const expected = [golden.output, ...golden.gradients]
        const results = derivatives(golden, golden.options.queryOffset).slice(0, expected.length)
        await evaluateAll(results)
        for (const [i, result] of results.entries())
          expectClose(await result.data(), goldenValues(expected[i] as GoldenTensor), {}, titleOf(golden))
      }
    } finally {
      setEngine(await createEngine())
    }
  })
})

/** The weights that masks leave, entry by entry in double precision. */
function plainWeights(
  scores: readonly number[],
  keys: number,
  queries: number,
  sees: (row: number, query: number, key: number) => boolean,
): number[] {
  return scores.map((_, at) => {
    const row = Math.floor(at / keys)
    const seen = Array.from({ length: keys }, (_, key) => key).filter((key) => sees(row, row % queries, key))
    const score = (key: number): number => scores[row * keys + key] as number
    const largest = Math.max(...seen.map(score))
    const sum = seen.reduce((total, key) => total + Math.exp(score(key) - largest), 0)
    return seen.includes(at % keys) ? Math.exp(score(at % keys) - largest) / sum : 0
  })
}

describe('maskedSoftmax', () => {
  test('of any sizes, positions and masks is the softmax of what is seen, and exactly 0 elsewhere', async () => {
    const whole = (min: number, max: number) => fc.integer({ min, max })
    const arbitrary = fc
      .record({ batch: whole(1, 3), queries: whole(1, 7), keys: whole(1, 7) })
      .chain((sizes) =>
        fc.record({
          sizes: fc.constant(sizes),
          causal: fc.boolean(),
          window: fc.option(whole(1, 5), { nil: undefined }),
          offset: fc.oneof(whole(-4, 8), fc.constant('end' as const)),
          isComputed: fc.boolean(),
          mask: fc.option(
            fc.array(fc.boolean(), {
              minLength: sizes.batch * sizes.keys,
              maxLength: sizes.batch * sizes.keys,
            }),
            { nil: undefined },
          ),
          seed: whole(0, 1000),
        }),
      )
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ sizes, causal, window, offset, isComputed, mask, seed }) => {
        const { batch, queries, keys } = sizes
        const first = offset === 'end' ? keys - queries : offset
        const scores = Array.from({ length: batch * queries * keys }, (_, i) => 20 * Math.sin(seed + i * 1.7))
        const expected = plainWeights(scores, keys, queries, (row, query, key) => {
          const away = first + query - key
          return (
            (!causal || away >= 0) &&
            (window === undefined || Math.abs(away) < window) &&
            (mask?.[Math.floor(row / queries) * keys + key] ?? true)
          )
        })
        const queryOffset: ops.QueryOffset | Tensor = isComputed ? tensor(first, { dtype: 'int32' }) : offset
        const weights = ops.maskedSoftmax(
          tensor(Float32Array.from(scores), { shape: [batch, queries, keys] }),
          {
            causal,
            slidingWindow: window,
            queryOffset,
            mask: mask && tensor(mask, { shape: [batch, 1, keys], dtype: 'bool' }),
          },
        )
        const received = await weights.data()
        expectClose(received, expected)
        expected.forEach((value, i) => {
          if (value === 0) expect(received[i]).toBe(0)
        })
      }),
      { numRuns: 60, seed: 5 },
    )
  })

  test.each(['float16', 'float32', 'float64'] as const)('of %s', async (dtype) => {
    const scores = tensor([[100, -100], [-1000, 1000]]).cast(dtype) // biome-ignore format: a matrix
    const weights = ops.maskedSoftmax(scores, { causal: true, mask: [[false, true]] })
    expect(weights.dtype).toBe(dtype)
    expect(await weights.cast('float32').toArray()).toEqual([
      [0, 0],
      [0, 1],
    ])
    expect(await ops.maskedSoftmax([[1, 2]]).toArray()).toEqual(
      await tensor([[1, 2]])
        .softmax()
        .toArray(),
    )
  })

  test('in the body of a loop', async () => {
    const scores = tensor(
      Float32Array.from({ length: 3 * 2 * 2 }, (_, i) => Math.sin(i)),
      { shape: [3, 2, 2] },
    )
    const { outputs } = ops.scan({
      initial: [tensor(0, { dtype: 'int32' })],
      sequences: [scores],
      step: ([at], [x]) => ({
        carries: [at.add(1)],
        outputs: [
          ops.maskedSoftmax(x, { causal: true }),
          ops.maskedSoftmax(x, { causal: true, queryOffset: at.sub(1) }),
        ],
      }),
    })
    const [still, moving] = outputs as [Tensor, Tensor]
    const apart = [-1, 0, 1].map((queryOffset, i) =>
      ops.maskedSoftmax(scores.at(i), { causal: true, queryOffset }),
    )
    expectClose(
      await still.data(),
      [...(await ops.maskedSoftmax(scores, { causal: true }).data())].map(Number),
    )
    for (const [i, one] of apart.entries())
      expectClose(await moving.at(i).data(), [...(await one.data())].map(Number), {}, `step ${i}`)
  })
})

describe('dotProductAttention', () => {
  const x = random.normal([2, 3, 2, 4], { seed: 1 })

  test('gives queries that see nothing zeros, or the mean of all values', async () => {
    const value = tensor([[[[1]], [[3]], [[8]]]]) // biome-ignore format: three steps
    const [query, key] = [ones([1, 2, 1, 2]), ones([1, 3, 1, 2])]
    const options = { mask: [[[[false, true, true], [false, false, false]]]] } // biome-ignore format: a row a query
    const outputs = (fullyMasked: 'zeros' | 'mean') =>
      ops
        .dotProductAttention(query, key, value, { ...options, fullyMasked })
        .reshape([2])
        .toArray()
    expect(await outputs('zeros')).toEqual([5.5, 0])
    expect(await outputs('mean')).toEqual([5.5, 4])
    // By positions alone, with heads that share keys.
    const early = ops.dotProductAttention(ones([1, 2, 2, 2]), key, value, {
      causal: true,
      queryOffset: -1,
      fullyMasked: 'mean',
    })
    expect(await early.reshape([4]).toArray()).toEqual([4, 4, 1, 1])
  })

  test('adds a bias, and drops weights', async () => {
    const bias = random.normal([2, 3, 3], { seed: 2 })
    const scores = x
      .transpose([0, 2, 1, 3])
      .matmul(x.transpose([0, 2, 3, 1]))
      .mul(0.5)
      .add(bias)
    const kept = tensor([1, 0, 1])
    const expected = scores
      .softmax()
      .mul(kept)
      .matmul(x.transpose([0, 2, 1, 3]))
      .transpose([0, 2, 1, 3])
    const output = ops.dotProductAttention(x, x, x, { bias, dropout: (weights) => weights.mul(kept) })
    expectClose(await output.data(), [...(await expected.data())].map(Number))
  })

  test('at computed positions of a cache is traced once, and gives what all steps give at once', async () => {
    const [keys, values] = [new Variable(zeros([2, 5, 2, 4])), new Variable(zeros([2, 5, 2, 4]))]
    let traces = 0
    const step = compile((now: Tensor, position: Tensor) => {
      traces++
      keys.assign(keys.value.dynamicUpdateSlice(now, [0, position, 0, 0]))
      values.assign(values.value.dynamicUpdateSlice(now.mul(2), [0, position, 0, 0]))
      return ops.dotProductAttention(now, keys.value, values.value, { causal: true, queryOffset: position })
    })
    const whole = ops.dotProductAttention(x, x, x.mul(2), { causal: true })
    for (let position = 0; position < 3; position++) {
      const now = x.slice([0, position, 0, 0], [2, 1, 2, 4])
      const output = await step(now, tensor(position, { dtype: 'int32' }))
      const expected = whole.slice([0, position, 0, 0], [2, 1, 2, 4])
      expectClose(await output.data(), [...(await expected.data())].map(Number), {}, `step ${position}`)
    }
    expect(traces).toBe(1)
  })

  test('says what does not fit', () => {
    expect(() => ops.dotProductAttention(x, x.slice([0, 0, 0, 0], [2, 3, 2, 3]), x)).toThrow(ShapeError)
    expect(() => ops.dotProductAttention(x, x, x.at(0))).toThrow(/keyHeads divides heads/)
    expect(() => ops.dotProductAttention(ones([1, 2, 3, 4]), ones([1, 2, 2, 4]), ones([1, 2, 2, 4]))).toThrow(
      ShapeError,
    )
    expect(() => ops.dotProductAttention(x, x, x, { mask: zeros([3, 3]) })).toThrow(DTypeError)
    expect(() => ops.dotProductAttention(x, x, x, { mask: zeros([5, 1, 3, 3]).cast('bool') })).toThrow(
      ShapeError,
    )
    expect(() => ops.dotProductAttention(x, x, x, { slidingWindow: 0 })).toThrow(ArgumentError)
    expect(() => ops.maskedSoftmax(x, { causal: true, queryOffset: tensor([1]).cast('int32') })).toThrow(
      /queryOffset.*scalar/,
    )
    expect(() => ops.maskedSoftmax(x, { causal: true, queryOffset: tensor(1) })).toThrow(DTypeError)
    expect(() => ops.maskedSoftmax([1, 2], { causal: true })).toThrow(ShapeError)
  })
})
