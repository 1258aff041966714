import { expect, test } from 'vitest'
import {
  compile,
  input,
  layers,
  model,
  optimizers,
  random,
  setRandomSeed,
  type Tensor,
  valueAndGrad,
  zeros,
} from '../index.ts'

/** Blocks of two dense layers and an addition: three layers each. */
function residual(blocks: number) {
  const first = input({ shape: [16] })
  let x = first
  for (let i = 0; i < blocks; i++) {
    const h = layers.dense({ units: 16, activation: 'relu' }).apply(x)
    x = layers.add().apply([x, layers.dense({ units: 16, kernelInitializer: 'zeros' }).apply(h)])
  }
  return model({ inputs: first, outputs: layers.dense({ units: 1 }).apply(x) })
}

test('a model of 300 layers is built, compiled and trained in seconds', { timeout: 120_000 }, async () => {
  setRandomSeed(1)
  const before = process.cpuUsage()
  const deep = residual(100)
  deep.compile({ optimizer: optimizers.adam({ learningRate: 1e-4 }), loss: 'mse' })
  const [x, y] = [random.normal([8, 16]), random.normal([8, 1])]
  const { history } = await deep.fit(x, y, { batchSize: 8, epochs: 2, verbose: 0 })
  const { user, system } = process.cpuUsage(before)
  expect(deep.layers.length).toBe(302)
  expect(history.loss?.[1]).toBeLessThan(history.loss?.[0] as number)
  // 2.2 s of CPU time on 2 busy cores with AVX2, half of it ONNX Runtime's for a model of 6,400 operators.
  expect((user + system) / 1e6).toBeLessThan(15)
})

test('its graph grows by the same for every block', () => {
  const nodes = (blocks: number): number => {
    const net = residual(blocks)
    return compile((x: Tensor) => valueAndGrad(() => net.apply(x).sum(), net.trainableWeights).grads)
      .explain(zeros([8, 16]))
      .split('\n').length
  }
  const [few, more, many] = [nodes(5), nodes(10), nodes(20)]
  expect(many - more).toBe(2 * (more - few))
})
