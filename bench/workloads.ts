import {
  compile,
  layers,
  type Model,
  oneHot,
  optimizers,
  random,
  sequential,
  type Tensor,
  Variable,
  valueAndGrad,
  zeros,
} from 'typegrad'
import type { Workload } from './measure.ts'

/** ONNX Runtime's own speed on this machine at this moment: what all other times are seen against. */
export async function matmul1024(): Promise<Workload> {
  const a = new Variable(random.normal([1024, 1024]))
  const b = new Variable(random.normal([1024, 1024]))
  const c = new Variable(zeros([1024, 1024]))
  const run = compile(() => c.assign(a.value.matmul(b.value)))
  return { name: 'matmul 1024³', batch: 1, rounds: 40, run: () => run() }
}

/** What a compiled step costs when there is nothing to compute: forward, backward and update of one weight. */
export async function oneWeight(): Promise<Workload> {
  const x = await random.uniform([32, 1]).evaluate()
  const y = await x.mul(2).add(1).evaluate()
  const w = new Variable(zeros([1, 1]), { name: 'w' })
  const run = compile((inputs: Tensor<[32, 1]>, labels: Tensor<[32, 1]>) => {
    const { value, grads } = valueAndGrad(() => inputs.matmul(w.value).sub(labels).square().mean(), [w])
    w.assign(w.value.sub(grads[0].mul(0.1)))
    return value
  })
  return { name: 'step of a 1-weight model', batch: 2000, rounds: 20, run: () => run(x, y) }
}

/** A training step of a model as `fit` runs it: forward, loss, backward, Adam, metrics. */
async function step(
  name: string,
  model: Model,
  inputShape: readonly number[],
  rounds: number,
): Promise<Workload> {
  model.compile({ optimizer: optimizers.adam(), loss: 'categoricalCrossentropy' })
  const x = await random.uniform([128, ...inputShape]).evaluate()
  const y = await oneHot(random.integers([128], { max: 10 }), 10).evaluate()
  await model.trainOnBatch(x, y)
  const steps = model.compiled('bench').steps([y])
  return { name, batch: 1, rounds, run: () => steps.train([x], [y], []) }
}

export const mlp = (): Promise<Workload> =>
  step(
    'MLP 784-256-128-10 step, batch 128',
    sequential([
      layers.dense({ units: 256, activation: 'relu', inputShape: [784] }),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ]),
    [784],
    200,
  )

export const convnet = (): Promise<Workload> =>
  step(
    'convnet 32-64 (3×3, pooled), dense 128-10 step, batch 128',
    sequential([
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ]),
    [28, 28, 1],
    40,
  )
