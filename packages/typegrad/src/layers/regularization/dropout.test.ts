import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  compile,
  ones,
  setRandomSeed,
  type Tensor,
  Variable,
  valueAndGrad,
} from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { dropout } from './dropout.ts'

const training = { training: true }

describe('dropout', () => {
  test('is the identity outside of training', () =>
    testLayer((options) => dropout({ rate: 0.5, ...options }), {
      inputShape: [3, 4],
      expectedOutputShape: [3, 4],
    }))

  test('draws the same on both engines', () =>
    testLayer((options) => dropout({ rate: 0.5, seed: 3, noiseShape: [null, 1], ...options }), {
      inputShape: [3, 4],
      expectedOutputShape: [3, 4],
      training: true,
      gradient: false,
    }))

  test('drops its share and scales the rest', async () => {
    setRandomSeed(1)
    const data = await dropout({ rate: 0.25 })
      .apply(ones([100, 100]), training)
      .data()
    const kept = Array.from(data, Number).filter((v) => v !== 0)
    for (const v of kept) expect(v).toBeCloseTo(4 / 3, 6)
    // 10,000 draws: the share's standard deviation is 0.0043; four of them.
    expect(kept.length / 10_000).toBeGreaterThan(0.75 - 0.0173)
    expect(kept.length / 10_000).toBeLessThan(0.75 + 0.0173)
  })

  test('drops another share at each step, and the same again from the same seed', async () => {
    const steps = async () => {
      setRandomSeed(7)
      const layer = dropout({ rate: 0.5 })
      const step = compile((x: Tensor) => layer.apply(x, training))
      return [await (await step(ones([64]))).data(), await (await step(ones([64]))).data()]
    }
    const [first, second] = await steps()
    expect(first).not.toEqual(second)
    expect(await steps()).toEqual([first, second])
  })

  test('passes the gradient through the mask that the value went through', async () => {
    const x = new Variable(ones([50]))
    const layer = dropout({ rate: 0.5 })
    const run = compile(() => {
      let y: Tensor | undefined
      const { grads } = valueAndGrad(() => {
        y = layer.apply(x.value, training)
        return y.sum()
      }, [x])
      return { y: y as Tensor, dx: grads[0] as Tensor }
    })
    const { y, dx } = await run()
    expect(await dx.data()).toEqual(await y.data())
  })

  test('decides once along dimensions of 1 in noiseShape', async () => {
    const layer = dropout({ rate: 0.5, noiseShape: [null, 1] })
    const rows = (await layer.apply(ones([30, 4]), training).toArray()) as number[][]
    for (const row of rows) expect(new Set(row).size).toBe(1)
    expect(new Set(rows.map(([v]) => v))).toEqual(new Set([0, 2]))
  })

  test('drops all at a rate of 1, nothing at 0', async () => {
    expect(
      await dropout({ rate: 1 })
        .apply(ones([4]), training)
        .toArray(),
    ).toEqual([0, 0, 0, 0])
    expect(
      await dropout({ rate: 0 })
        .apply(ones([2]), training)
        .toArray(),
    ).toEqual([1, 1])
  })

  test('says what does not fit', () => {
    expect(() => dropout({ rate: 1.5 })).toThrow(ArgumentError)
    expect(() => dropout({ rate: 0.5, seed: 0.5 })).toThrow(ArgumentError)
    expect(() => dropout({ rate: 0.5, noiseShape: [1, 3] }).apply(ones([2, 4]))).toThrow(
      "Dropout: noiseShape: expected null, 1 or the input's size for each dimension of [2, 4], received [1, 3].",
    )
  })
})
