import { expect, test } from 'vitest'
import { compile, layers, random, sequential, setRandomSeed, type Tensor, valueAndGrad } from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'

test('a layer that is computed again has the same gradients, dropout too, and keeps nothing in between', async () => {
  setRandomSeed(3)
  const block = () =>
    sequential([
      layers.dense({ units: 8, activation: 'tanh' }),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 4, activation: 'tanh' }),
    ])
  const blocks = [block(), block(), block()]
  const model = sequential(blocks)
  const x = random.normal([5, 4])
  await model.predict(x)
  const step = () =>
    compile((given: Tensor) => {
      const { value, grads } = valueAndGrad(
        () => model.apply(given, { training: true }).square().mean(),
        model.trainableWeights,
      )
      return [value, ...grads]
    })
  const values = async () => {
    setRandomSeed(7)
    return await Promise.all((await step()(x)).map(async (t) => Array.from(await t.data(), Number)))
  }
  const kept = await values()
  for (const one of blocks) one.recompute = true
  const again = await values()
  for (const [i, value] of again.entries()) expectClose(value, kept[i] as number[], { scaled: 1e-6 })
  const count = (text: string) => text.split('\n').filter((line) => line.includes(' = tanh(')).length
  // Each of the six once more, but for the last, whose gradient follows at once.
  expect(count(step().explain(x))).toBeGreaterThan(6)
  for (const one of blocks) one.recompute = false
  expect(count(step().explain(x))).toBe(6)
})
