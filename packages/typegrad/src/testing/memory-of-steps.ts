/**
 * Prints by how many megabytes the process grows over many steps after the first 100, for each way to make them. It
 * has a process of its own, since tests share theirs.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { layers, sequential, tensor } from '../index.ts'

async function residentMegabytes(): Promise<number> {
  globalThis.gc?.()
  // Storages are freed by callbacks of the garbage collector.
  await wait(20)
  globalThis.gc?.()
  return process.memoryUsage.rss() / 2 ** 20
}

async function growth(step: () => Promise<unknown>, steps: number): Promise<number> {
  for (let i = 0; i < 100; i++) await step()
  const before = await residentMegabytes()
  for (let i = 0; i < steps; i++) await step()
  return (await residentMegabytes()) - before
}

const model = sequential([
  layers.dense({ units: 32, activation: 'relu', inputShape: [16] }),
  layers.dropout({ rate: 0.5 }),
  layers.dense({ units: 4, activation: 'softmax' }),
])
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
const x = new Float32Array(256 * 16).fill(0.5)
const y = Uint8Array.from({ length: 256 }, (_, i) => i % 4)
const [xs, ys] = [tensor(x.subarray(0, 256), { shape: [16, 16] }), tensor(y.subarray(0, 16), { shape: [16] })]
const steps = model.compiled('memory').functions([ys])

const measured = {
  compiledSteps: await growth(() => steps.train({ x: [xs], y: [ys], weights: [] }), 10_000),
  // Each with arrays of its own, 50 MB in all, and the logs read.
  trainOnBatch: await growth(() => model.trainOnBatch(x.slice(), y.slice()), 3000),
  fit: await growth(() => model.fit(x, y, { verbose: 0, epochs: 2 }), 100),
  predict: await growth(() => model.predict(x), 200),
}
console.log(JSON.stringify(measured))
