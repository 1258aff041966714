/**
 * What every processor computes: the graphs of the sweep's short form, each held to float64 in plain JavaScript, and
 * trainings, whose losses and predictions are printed for tools/processors.ts to compare.
 */
import {
  createEngine,
  type Layer,
  layers,
  sequential,
  setEngine,
  setRandomSeed,
  type Tensor,
  tensor,
} from 'typegrad'
import { noKernels } from 'typegrad/engine'
import { runSweep } from '../../packages/node/src/testing/sweep/run-sweep.ts'
import { graphSweeps } from '../../packages/node/src/testing/sweep/table.ts'

/** `without` for an engine without kernels, and how many seconds each sweep may take: emulators are slow. */
const [kernels, seconds = 'Infinity'] = process.argv.slice(2)
const engine = await createEngine({ kernels: kernels !== 'without' })
setEngine(engine)

const waves = (shape: readonly number[], speed: number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * speed)),
    { shape },
  )
}

/** Losses of some steps, and predictions after them. */
async function training(sample: readonly number[], stack: readonly Layer[]): Promise<number[]> {
  setRandomSeed(7)
  const model = sequential([...stack])
  model.compile({ optimizer: 'adam', loss: 'mse' })
  const [x, y] = [waves([64, ...sample], 0.7), waves([64, 3], 1.3)]
  const history = await model.fit(x, y, { epochs: 2, batchSize: 16, shuffle: false, verbose: 0 })
  const predictions = await model.predict(x)
  return [...(history.history.loss ?? []), ...Array.from(await predictions.data(), Number)]
}

const trainings: Readonly<Record<string, () => Promise<number[]>>> = {
  dense: () =>
    training(
      [100],
      [
        layers.dense({ units: 255, activation: 'relu', inputShape: [100] }),
        layers.layerNormalization(),
        layers.dense({ units: 3 }),
      ],
    ),
  images: () =>
    training(
      [13, 13, 8],
      [
        layers.conv2d({
          filters: 16,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          inputShape: [13, 13, 8],
        }),
        layers.batchNormalization(),
        layers.maxPooling2d(),
        layers.conv2d({ filters: 7, kernelSize: 5, strides: 2 }),
        layers.flatten(),
        layers.dense({ units: 3, activation: 'tanh' }),
      ],
    ),
  sequences: () =>
    training([20, 9], [layers.lstm({ units: 32, inputShape: [20, 9] }), layers.dense({ units: 3 })]),
}

const numbers: Record<string, number[]> = {}
for (const [name, train] of Object.entries(trainings)) numbers[name] = await train()
const failures: string[] = []
let graphs = 0
for (const [name, sweep] of Object.entries(graphSweeps)) {
  const onFailure = (index: number, message: string) => failures.push(`${name}, case ${index}: ${message}`)
  const until = Date.now() + 1000 * Number(seconds)
  graphs += await runSweep(sweep, { name, form: 'short', seed: 0, until, onFailure })
}
console.log(
  JSON.stringify({
    engine: engine.name,
    architecture: process.arch,
    hasKernels: engine.kernelSupport !== noKernels,
    graphs,
    failures,
    numbers,
  }),
)
