import { describe, expect, test } from 'vitest'
import { byteSize } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import { layers, optimizers, random, sequential, setRandomSeed, tensor } from '../index.ts'
import { fromHalf, nearestHalf, randomHalf } from './half-state.ts'

describe('state in float16', () => {
  test('is rounded at random between the two numbers around it, right on average', async () => {
    setRandomSeed(2)
    // Numbers of float16 near 3 · 2¹⁰ are 2 apart, near the smallest ones 2⁻²⁴.
    const values = [3 + 0.3 / 1024, 1e-3, 2.5 * 2 ** -34, 0, 100]
    const copies = 4000
    const rounded = fromHalf(randomHalf(tensor(values).expandDims(0).broadcastTo([copies, values.length])))
    const data = await rounded.data()
    const nearest = await fromHalf(nearestHalf(tensor(values))).data()
    for (const [i, value] of values.entries()) {
      const kept = Array.from({ length: copies }, (_, row) => Number(data[row * values.length + i]))
      const levels = [...new Set(kept)].sort((a, b) => a - b)
      const mean = kept.reduce((a, b) => a + b) / copies
      const held = Math.min(value, 65_504 / 1024)
      expect(levels.length).toBe([2, 2, 2, 1, 1][i])
      expect(levels).toContain(Number(nearest[i]))
      const gap = (levels.at(-1) as number) - (levels[0] as number)
      expect((levels[0] as number) <= held && held <= (levels.at(-1) as number)).toBe(true)
      // Four standard deviations of a mean of so many.
      expect(Math.abs(mean - held)).toBeLessThanOrEqual((4 * 0.5 * gap) / Math.sqrt(copies) + 1e-9 * held)
    }
  })

  test('AdamW with it takes half of the memory, and learns as well', async () => {
    const train = async (stateDType: 'float32' | 'float16') => {
      setRandomSeed(4)
      const model = sequential([
        layers.dense({ units: 32, activation: 'tanh', inputShape: [4] }),
        layers.dense({ units: 1 }),
      ])
      const optimizer = optimizers.adamw({ learningRate: 0.01, stateDType, weightDecay: 0.01 })
      model.compile({ optimizer, loss: 'mse' })
      const x = random.normal([256, 4], { seed: 1 })
      const y = x.square().sum(-1).sqrt()
      const { history } = await model.fit(x, y, { epochs: 40, batchSize: 64, verbose: 0 })
      const state = optimizer.variables.slice(2)
      const bytes = state.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * byteSize[dtype], 0)
      return { bytes, loss: history.loss?.at(-1) ?? Number.NaN, config: optimizer.getConfig() }
    }
    const [single, half] = [await train('float32'), await train('float16')]
    expect(half.bytes).toBe(single.bytes / 2)
    expect(half.loss).toBeLessThan(1.05 * single.loss)
    expect(half.config.stateDType).toBe('float16')
    expect(() => optimizers.adam({ amsgrad: true, stateDType: 'float16' })).toThrow(
      "adam: expected stateDType 'float16' without amsgrad, received both. Leave one of them out.",
    )
  })
})
