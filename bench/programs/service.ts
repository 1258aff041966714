// What a service that trains would notice: memory over 10,000 steps, and how long the event loop is held up.
// Prints a number. One measure a process, since the memory of what ran before would be reused.
import { availableParallelism } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import {
  callbacks,
  compile,
  input,
  layers,
  type Model,
  model,
  random,
  sequential,
  setRandomSeed,
  type Tensor,
  Variable,
  valueAndGrad,
  zeros,
} from 'typegrad'

setRandomSeed(1)

/** Growth of resident memory over 10,000 steps after the first 100, in MB. */
async function growthOver(step: () => unknown): Promise<number> {
  for (let i = 0; i < 100; i++) await step()
  const before = process.memoryUsage.rss()
  for (let i = 0; i < 10_000; i++) await step()
  return (process.memoryUsage.rss() - before) / 2 ** 20
}

/** The same in `fit`, 100 steps an epoch, of a network with dropout. */
async function network(): Promise<number> {
  const model = sequential([
    layers.dense({ units: 32, activation: 'relu', inputShape: [16] }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 4, activation: 'softmax' }),
  ])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
  const x = await random.uniform([1600, 16]).evaluate()
  const y = Float32Array.from({ length: 1600 }, (_, i) => i % 4)
  const resident: number[] = []
  const onEpochEnd = (): void => {
    resident.push(process.memoryUsage.rss())
  }
  await model.fit(x, y, {
    batchSize: 16,
    epochs: 101,
    verbose: 0,
    callbacks: [callbacks.lambdaCallback({ onEpochEnd })],
  })
  return ((resident.at(-1) as number) - (resident[0] as number)) / 2 ** 20
}

async function oneWeight(): Promise<number> {
  const x = await random.uniform([32, 1]).evaluate()
  const y = await x.mul(2).add(1).evaluate()
  const w = new Variable(zeros([1, 1]), { name: 'w' })
  const step = compile((inputs: Tensor<[32, 1]>, labels: Tensor<[32, 1]>) => {
    const { value, grads } = valueAndGrad(() => inputs.matmul(w.value).sub(labels).square().mean(), [w])
    w.assign(w.value.sub(grads[0].mul(0.1)))
    return value
  })
  return growthOver(() => step(x, y))
}

/** As many objects and promises as a step makes, and nothing else. */
function nothing(): Promise<number> {
  const kept: unknown[] = []
  return growthOver(async () => {
    await null
    kept[0] = { shape: [1], values: new Float32Array(1), of: kept[0] === undefined }
  })
}

/** The longest that timers waited for while `work` went on, in milliseconds. */
async function longestWait(work: () => Promise<unknown>): Promise<number> {
  const monitor = monitorEventLoopDelay({ resolution: 1 })
  monitor.enable()
  await work()
  monitor.disable()
  return monitor.max / 1e6
}

/** The same while a model is trained. */
async function longestHold(model: Model, inputShape: readonly number[], samples: number): Promise<number> {
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
  const x = await random.uniform([samples, ...inputShape]).evaluate()
  const y = await random.uniform([samples, 1]).evaluate()
  return longestWait(() => model.fit(x, y, { epochs: 3, batchSize: 100, verbose: 0 }))
}

/** The same of Node alone: turns of 2 ms that make objects, beside a thread for each core that computes, for 5 s. */
async function crowded(): Promise<number> {
  const work = 'for (let x = 0; ; ) for (let i = 0; i < 1e7; i++) x += Math.sqrt(i)'
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(work, { eval: true }))
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve))))
  const wait = await longestWait(async () => {
    const end = performance.now() + 5000
    while (performance.now() < end) {
      const made: unknown[] = []
      const turnEnd = performance.now() + 2
      while (performance.now() < turnEnd) made.push({ at: made.length })
      await nextTurn()
    }
  })
  await Promise.all(workers.map((worker) => worker.terminate()))
  return wait
}

/** Five dense layers of `units`. */
const wide = (units: number): Model =>
  sequential([
    layers.dense({ units, activation: 'relu', inputShape: [256] }),
    ...Array.from({ length: 3 }, () => layers.dense({ units, activation: 'relu' })),
    layers.dense({ units: 1 }),
  ])

/** Twelve transformer blocks of 64 channels on 16 steps: little to compute, much to trace, compile and load. */
function deep(): Model {
  const x = input({ shape: [16, 64] })
  let h = x
  for (let i = 0; i < 12; i++) {
    const attended = layers.multiHeadAttention({ numHeads: 4, keyDim: 16 }).apply([h, h])
    const normalized = layers.layerNormalization().apply(layers.add().apply([h, attended]))
    const inner = layers.dense({ units: 256, activation: 'gelu' }).apply(normalized)
    const fed = layers.dense({ units: 64 }).apply(inner)
    h = layers.layerNormalization().apply(layers.add().apply([normalized, fed]))
  }
  const pooled = layers.globalAveragePooling1d().apply(h)
  return model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(pooled) })
}

const measures: Readonly<Record<string, () => Promise<number>>> = {
  network,
  weight: oneWeight,
  nothing,
  small: () => longestHold(wide(64), [256], 2000),
  large: () => longestHold(wide(2048), [256], 2000),
  deep: () => longestHold(deep(), [16, 64], 500),
  crowded,
}

const measure = measures[process.argv[2] ?? '']
if (measure === undefined) throw new Error(`expected one of ${Object.keys(measures)}`)
console.log(await measure())
