import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromPretrained, generateIds, pipeline as pretrained, quantizeModel } from '@typegrad/transformers'
import {
  compile,
  Dataset,
  losses,
  type Model,
  type Optimizer,
  optimizers,
  type Tensor,
  Variable,
  valueAndGrad,
  zeros,
} from 'typegrad'
import type { SafetensorsEntry } from 'typegrad/formats'
import type { Workload } from '../workloads/index.ts'
import { type Runner, serve } from './serve.ts'
import { batchesOf, named, readTensors, type Tensors } from './tensors.ts'
import { buildModel, toTensor } from './typegrad-models.ts'
import { augmentation, pictures, textVectorization } from './typegrad-preparation.ts'
import { tokensOf, tune } from './typegrad-tuning.ts'

interface Files {
  readonly weights: Tensors
  readonly data: Tensors
  readonly folder: string
}

/**
 * Keras and typegrad add epsilon before the correction of the second moment's bias, PyTorch after it: so small a one
 * makes no difference between the two.
 */
const epsilon = 1e-10

const sparse = () => losses.sparseCategoricalCrossentropy({ fromLogits: true })
const adamw = (learningRate: number, weightDecay: number, beta2: number) => () =>
  optimizers.adamw({ learningRate, weightDecay, beta2, epsilon, globalClipnorm: 1 })

/** How each model is trained. */
const training: Readonly<
  Record<string, { readonly optimizer: () => Optimizer; readonly loss: () => losses.Loss }>
> = {
  mlp: { optimizer: () => optimizers.adam({ epsilon }), loss: sparse },
  convnet: { optimizer: () => optimizers.adam({ epsilon }), loss: sparse },
  resnet18: { optimizer: () => optimizers.sgd({ learningRate: 0.001, momentum: 0.9 }), loss: sparse },
  lstm: { optimizer: () => optimizers.adam({ epsilon }), loss: sparse },
  gru: { optimizer: () => optimizers.adam({ epsilon }), loss: sparse },
  recommender: {
    optimizer: () => optimizers.sgd({ learningRate: 0.1 }),
    loss: () => losses.binaryCrossentropy({ fromLogits: true }),
  },
  gpt: { optimizer: adamw(1e-3, 0.1, 0.99), loss: sparse },
  bert: { optimizer: adamw(2e-5, 0.01, 0.999), loss: sparse },
  window: { optimizer: () => optimizers.sgd({ learningRate: 0.01 }), loss: () => losses.meanSquaredError() },
  stack: { optimizer: () => optimizers.sgd({ learningRate: 0.01 }), loss: () => losses.meanSquaredError() },
}

function compiled(workload: Workload, weights: Tensors): Model {
  const model = buildModel(workload, weights)
  const how = training[workload.kind]
  if (how === undefined) throw new Error(`nothing says how '${workload.kind}' is trained`)
  model.compile({ optimizer: how.optimizer(), loss: how.loss() })
  return model
}

/** A training step of a model as `fit` runs it: forward, loss, backward, update, the mean of the loss. */
async function trainStep(workload: Workload, { weights, data }: Files): Promise<Runner> {
  const model = compiled(workload, weights)
  const x = batchesOf(named(data, 'x')).map(toTensor)
  const y = batchesOf(named(data, 'y')).map(toTensor)
  const steps = model.compiled('bench').functions([y[0] as Tensor])
  let next = 0
  const run = (): Promise<void> => {
    const i = next++ % x.length
    return steps.train({ x: [x[i] as Tensor], y: [y[i] as Tensor], weights: [] })
  }
  const losses = async (): Promise<number[]> => {
    const values: number[] = []
    for (let i = 0; i < 5; i++) {
      await steps.reset()
      await run()
      values.push((await steps.logs()).loss ?? Number.NaN)
    }
    return values
  }
  return { run, losses }
}

async function trainEpoch(workload: Workload, { weights, data }: Files): Promise<Runner> {
  const model = compiled(workload, weights)
  const batchSize = workload.params.batch as number
  const [x, y] = [batchesOf(named(data, 'x'))[0], batchesOf(named(data, 'y'))[0]] as [
    SafetensorsEntry,
    SafetensorsEntry,
  ]
  const width = x.data.length / (x.shape[0] as number)
  const losses = async (): Promise<number[]> => {
    const values: number[] = []
    for (let i = 0; i < 5; i++) {
      const [from, to] = [i * batchSize, (i + 1) * batchSize]
      const logs = await model.trainOnBatch(x.data.slice(from * width, to * width), y.data.slice(from, to))
      values.push(logs.loss ?? Number.NaN)
    }
    return values
  }
  return { run: () => model.fit(x.data, y.data, { epochs: 1, batchSize, verbose: 0 }), losses }
}

/** From an array to an array, as a server predicts. */
async function predict(workload: Workload, { weights, data }: Files): Promise<Runner> {
  const model = buildModel(workload, weights)
  const x = batchesOf(named(data, 'x'))
  let next = 0
  const run = async () => (await model.predictOnBatch((x[next++ % x.length] as SafetensorsEntry).data)).data()
  return { run, losses: async () => Array.from((await run()).subarray(0, 5), Number) }
}

async function matmul({ params }: Workload, { data }: Files): Promise<Runner> {
  const size = params.size as number
  const [a, b] = ['a', 'b'].map((name) => new Variable(toTensor(named(data, name)))) as [Variable, Variable]
  const c = new Variable(zeros([size, size]))
  const run = compile(() => c.assign(a.value.matmul(b.value) as Tensor))
  const losses = async () => {
    await run()
    return Array.from((await c.value.data()).subarray(0, 5), Number)
  }
  return { run: () => run(), losses }
}

async function oneWeight(_: Workload, { data }: Files): Promise<Runner> {
  const [x, y] = [toTensor(named(data, 'x')), toTensor(named(data, 'y'))]
  const w = new Variable(zeros([1, 1]), { name: 'w' })
  const step = compile((inputs: Tensor, labels: Tensor) => {
    const { value, grads } = valueAndGrad(
      () => inputs.matmul(w.value).sub(labels).square().mean() as Tensor,
      [w as Variable],
    )
    w.assign(w.value.sub((grads[0] as Tensor).mul(0.1)) as Tensor)
    return value
  })
  const losses = async () => {
    const values: number[] = []
    for (let i = 0; i < 5; i++) values.push(await (await step(x, y)).item())
    return values
  }
  return { run: () => step(x, y), losses }
}

async function pipeline({ params }: Workload, { data }: Files): Promise<Runner> {
  const [x, y] = [toTensor(named(data, 'x')), toTensor(named(data, 'y'))]
  const batches = Dataset.fromTensors([x, y])
    .shuffle(20_000, { seed: 1 })
    .batch(params.batch as number)
    .map(
      ([images, labels]) =>
        [(images as Tensor).cast('float32').div(255) as Tensor, labels as Tensor] as const,
    )
    .prefetch(2)
  const run = async () => {
    let count = 0
    for await (const [images] of batches) {
      await images.evaluate()
      count += images.shape[0] as number
    }
    return count
  }
  return { run, losses: async () => [await run()] }
}

async function stored(workload: Workload, { weights, folder }: Files): Promise<Runner> {
  const model = buildModel(workload, weights)
  const file = join(folder, 'typegrad.safetensors')
  const first = model.trainableWeights[0] as Variable
  const check = async () => Array.from((await first.value.data()).subarray(0, 5), Number)
  const save = () => model.saveWeights(file)
  const load = async () => {
    await model.loadWeights(file)
    await first.value.data()
  }
  if (workload.kind === 'save') return { run: save, losses: check }
  await save()
  const losses = async () => {
    first.assign(zeros(first.shape) as Tensor)
    await load()
    return check()
  }
  return { run: load, losses }
}

/** The first words of an answer to each prompt, the likeliest one each time. */
async function generate({ params }: Workload, { data, folder }: Files): Promise<Runner> {
  const model = await fromPretrained(join(folder, 'model'))
  const { bits } = params
  const maxNewTokens = params.tokens as number
  if (bits !== undefined) await quantizeModel(model, { bits: bits as 4 | 8 })
  const prompts = batchesOf(named(data, 'x')).map(({ data: ids }) => Array.from(ids, Number))
  let next = 0
  const run = async (): Promise<readonly number[]> => {
    const prompt = prompts[next++ % prompts.length] as number[]
    const [answers] = await generateIds(model, [prompt], { maxNewTokens, stopIds: [] })
    return answers?.[0]?.ids ?? []
  }
  // Of few bits each peer says something else.
  return { run, losses: async () => (bits === undefined ? (await run()).slice(0, 5) : []) }
}

/** From texts to vectors. */
async function embed(_: Workload, { folder }: Files): Promise<Runner> {
  const model = join(folder, 'model')
  const extract = await pretrained('feature-extraction', model)
  const texts = JSON.parse(await readFile(join(folder, 'sentences.json'), 'utf8')) as string[]
  const run = async () =>
    (await (await extract(texts, { batchSize: texts.length }))[0]?.data()) as Float32Array
  return { run, losses: async () => Array.from((await run()).subarray(0, 5)) }
}

const special: Readonly<Record<string, (workload: Workload, files: Files) => Promise<Runner>>> = {
  matmul,
  'one-weight': oneWeight,
  pipeline,
  'text-vectorization': textVectorization,
  pictures,
  augmentation,
  generate,
  embed,
  tokens: tokensOf,
  tune: (workload, { data, folder }) => tune(workload, data, folder),
  save: stored,
  load: stored,
}
const modes = { step: trainStep, epoch: trainEpoch, predict }

const { version } = JSON.parse(
  await readFile(new URL('../../packages/typegrad/package.json', import.meta.url), 'utf8'),
) as { version: string }
await serve(version, async (given, folder) => {
  const workload = given as Workload
  return (special[workload.kind] ?? modes[workload.mode])(workload, {
    ...(await readTensors(folder)),
    folder,
  })
})
