// What a service that trains would notice: memory over 10,000 steps, and how long the event loop is held up.
// Prints JSON; a process of its own, since the memory of what ran before would be reused.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import {
  compile,
  layers,
  random,
  sequential,
  setRandomSeed,
  type Tensor,
  Variable,
  valueAndGrad,
  zeros,
} from 'typegrad'

setRandomSeed(1)

/** Growth of resident memory over 10,000 steps of a 1-weight model, after the first 100, in MB. */
async function memoryGrowth(): Promise<number> {
  const x = await random.uniform([32, 1]).evaluate()
  const y = await x.mul(2).add(1).evaluate()
  const w = new Variable(zeros([1, 1]), { name: 'w' })
  const step = compile((inputs: Tensor<[32, 1]>, labels: Tensor<[32, 1]>) => {
    const { value, grads } = valueAndGrad(() => inputs.matmul(w.value).sub(labels).square().mean(), [w])
    w.assign(w.value.sub(grads[0].mul(0.1)))
    return value
  })
  for (let i = 0; i < 100; i++) await step(x, y)
  const before = process.memoryUsage.rss()
  for (let i = 0; i < 10_000; i++) await step(x, y)
  return (process.memoryUsage.rss() - before) / 2 ** 20
}

/** The longest that timers waited while a model of dense layers was trained, in milliseconds. */
async function longestHold(units: number): Promise<number> {
  const model = sequential([
    layers.dense({ units, activation: 'relu', inputShape: [256] }),
    ...Array.from({ length: 3 }, () => layers.dense({ units, activation: 'relu' })),
    layers.dense({ units: 1 }),
  ])
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
  const x = (await random.uniform([2000, 256]).evaluate()) as Tensor
  const y = (await random.uniform([2000, 1]).evaluate()) as Tensor
  const monitor = monitorEventLoopDelay({ resolution: 1 })
  monitor.enable()
  await model.fit(x, y, { epochs: 3, batchSize: 100, verbose: 0 })
  monitor.disable()
  return monitor.max / 1e6
}

const memory = await memoryGrowth()
const [small, large] = [await longestHold(64), await longestHold(2048)]
console.log(JSON.stringify({ memory, small, large }))
