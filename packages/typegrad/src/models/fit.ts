import type { DType } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import type { Shape } from '../base/shape.ts'
import type { Ending, Logs } from '../callbacks/callback.ts'
import { History } from '../callbacks/history.ts'
import { progressBar } from '../callbacks/progress-bar.ts'
import { CallbackList } from './callback-list.ts'
import { runEvaluation } from './evaluate.ts'
import type { BatchStream, Data, FitOptions } from './fit-options.ts'
import type { Model } from './model.ts'
import { portsOf } from './ports.ts'
import {
  type ArraySamples,
  arraySource,
  type BatchSource,
  isStream,
  splitSamples,
  streamSource,
  toSamples,
} from './source.ts'
import type { Steps } from './steps.ts'

/** `fit`, behind its three signatures. */
export async function fit(
  model: Model,
  x: Data | BatchStream,
  y: Data | FitOptions | undefined,
  third: FitOptions | undefined,
): Promise<History> {
  model.compiled('fit')
  const stream = isStream(x)
  const options = (stream ? (y as FitOptions | undefined) : third) ?? {}
  checkOptions(options)
  const { train, validation } = await sourcesOf(
    model,
    x,
    stream ? undefined : (y as Data | undefined),
    options,
  )
  return loop(model, train, validation, options)
}

function checkOptions({ epochs = 1, initialEpoch = 0, stepsPerEpoch }: FitOptions): void {
  const whole = (value: number, least: number) => Number.isInteger(value) && value >= least
  if (!whole(epochs, 0)) {
    throw new ArgumentError({
      where: 'fit: epochs',
      expected: 'a whole number of at least 0',
      received: String(epochs),
    })
  }
  if (!whole(initialEpoch, 0)) {
    throw new ArgumentError({
      where: 'fit: initialEpoch',
      expected: 'a whole number of at least 0',
      received: String(initialEpoch),
    })
  }
  if (stepsPerEpoch !== undefined && !whole(stepsPerEpoch, 1)) {
    throw new ArgumentError({
      where: 'fit: stepsPerEpoch',
      expected: 'a whole number of at least 1',
      received: String(stepsPerEpoch),
    })
  }
}

interface Sources {
  readonly train: BatchSource
  readonly validation: BatchSource | undefined
}

async function sourcesOf(
  model: Model,
  x: Data | BatchStream,
  y: Data | undefined,
  options: FitOptions,
): Promise<Sources> {
  const ports = portsOf(model)
  let train: BatchSource
  let held: ArraySamples | undefined
  if (isStream(x)) {
    if (options.validationSplit !== undefined) {
      throw new ArgumentError({
        where: 'fit: validationSplit',
        expected: 'samples in memory, of which a share can be held back',
        received: 'a stream of batches',
        fix: 'Pass validationData.',
      })
    }
    train = streamSource('fit', ports, x, { ...options, steps: options.stepsPerEpoch })
  } else {
    if (y === undefined) {
      throw new ArgumentError({
        where: 'fit',
        expected: 'labels y beside x',
        received: 'none',
        fix: 'Call model.fit(x, y, options).',
      })
    }
    const samples = await toSamples('fit', ports, x, y, options)
    const share = options.validationData === undefined ? options.validationSplit : undefined
    const [kept, rest] = share ? splitSamples('fit', samples, share) : [samples, undefined]
    train = arraySource('fit', kept, options.batchSize)
    held = rest
  }
  const size = options.validationBatchSize ?? options.batchSize
  return { train, validation: await validationSource(model, held, options, size) }
}

async function validationSource(
  model: Model,
  held: ArraySamples | undefined,
  options: FitOptions,
  size: number | undefined,
): Promise<BatchSource | undefined> {
  const where = 'fit: validationData'
  const { validationData: data } = options
  const ports = portsOf(model)
  if (data === undefined) return held && arraySource(where, held, fitting(size, held))
  if (!Array.isArray(data))
    return streamSource(where, ports, data as BatchStream, { ...options, steps: options.validationSteps })
  const [x, y, sampleWeight] = data
  const samples = await toSamples(where, ports, x, y, { sampleWeight, allowNaN: options.allowNaN })
  return arraySource(where, samples, fitting(size, samples))
}

/** A batch size that was meant for the training data, cut to what there is. */
const fitting = (size: number | undefined, { x }: ArraySamples): number | undefined =>
  size === undefined ? undefined : Math.min(size, x[0]?.shape[0] ?? 1)

async function loop(
  model: Model,
  train: BatchSource,
  validation: BatchSource | undefined,
  options: FitOptions,
): Promise<History> {
  const { epochs = 1, initialEpoch = 0, shuffle = true, verbose = 1, signal, stepsPerEpoch } = options
  const history = new History()
  const names = await logNames(model, train)
  const callbacks = new CallbackList(
    model,
    [history, ...(verbose === 0 ? [] : [progressBar()]), ...(options.callbacks ?? [])],
    {
      epochs,
      steps: stepsPerEpoch ?? train.steps,
      batchSize: train.batchSize,
      samples: train.samples,
      verbose,
      metrics: validation === undefined ? names : [...names, ...names.map((name) => `val_${name}`)],
    },
  )
  model.stopTraining = false
  let logs: Logs = {}
  let ending: Ending = 'error'
  try {
    await callbacks.each((callback) => callback.onTrainBegin())
    const first = Math.max(initialEpoch, await callbacks.resumedEpochs())
    // The seed stands in the generator's state, which a resumed training has read back.
    const seed = Number((await model.generator.state.value.data())[0])
    for (let epoch = first; epoch < epochs && !model.stopTraining && !isAborted(signal); epoch++) {
      await callbacks.each((callback) => callback.onEpochBegin(epoch))
      const steps = await runEpoch(
        model,
        train,
        shuffle ? [seed, epoch] : 'natural',
        stepsPerEpoch,
        callbacks,
        signal,
      )
      // An epoch that was cut short is none: a resumed training begins it anew.
      if (isAborted(signal)) break
      logs = await steps.logs()
      if (validation !== undefined) {
        const judged = await runEvaluation(model, validation, options.validationSteps, callbacks, signal)
        if (isAborted(signal)) break
        logs = {
          ...logs,
          ...Object.fromEntries(Object.entries(judged).map(([name, value]) => [`val_${name}`, value])),
        }
      }
      await callbacks.each((callback) => callback.onEpochEnd(epoch, logs))
    }
    ending = isAborted(signal) ? 'signal' : model.stopTraining ? 'callback' : 'end'
  } finally {
    await callbacks.trainEnd(logs, ending)
  }
  return history
}

/** The logs' names, before the first batch where the labels' shapes are known by then. */
async function logNames(model: Model, { labels, inputs }: BatchSource): Promise<string[]> {
  if (labels === undefined || inputs === undefined) return model.compiled('fit').current?.names ?? ['loss']
  return stepsFor(model, inputs, labels).names
}

async function runEpoch(
  model: Model,
  source: BatchSource,
  order: 'natural' | readonly number[],
  limit: number | undefined,
  callbacks: CallbackList,
  signal: AbortSignal | undefined,
): Promise<Steps> {
  let steps = model.compiled('fit').current
  let step = 0
  await steps?.reset()
  for await (const batch of source.epoch(order)) {
    if (steps === undefined) {
      steps = stepsFor(model, batch.x, batch.y)
      await steps.reset()
    }
    const now = steps
    await callbacks.each((callback) => callback.onTrainBatchBegin(step))
    await now.train(batch.x, batch.y, batch.weights)
    await callbacks.each((callback) => callback.onTrainBatchEnd(step, () => now.logs()))
    step += 1
    if (model.stopTraining || isAborted(signal) || step === limit) break
  }
  return steps as Steps
}

type Described = readonly { readonly shape: Shape; readonly dtype: DType }[]

/** The model's compiled functions, with its weights and the optimizer's made for these inputs. */
export function stepsFor(model: Model, inputs: Described, labels: Described): Steps {
  const compiled = model.compiled('fit')
  buildFor(
    model,
    inputs.map((array) => array.shape),
  )
  compiled.optimizer.build(model.trainableWeights)
  return compiled.steps(labels)
}

/** Builds a model that has waited for its first data to know the shape of its input. */
export function buildFor(model: Model, shapes: readonly (readonly number[])[]): void {
  if (model.built) return
  const open = shapes.map((shape) => [null, ...shape.slice(1)])
  model.ensureBuilt(open.length === 1 ? (open[0] as (number | null)[]) : open)
}

/** Asked anew each time: the signal changes while others work. */
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true
