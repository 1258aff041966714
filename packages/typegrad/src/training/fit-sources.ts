import { ArgumentError } from '../base/errors.ts'
import type { AnyModel } from '../models/model.ts'
import type { BatchStream, Data, FitOptions } from './fit-options.ts'
import { type ArraySamples, toSamples, withClassWeights } from './samples.ts'
import { arraySource, type BatchSource, checkBatchSize, splitSamples } from './source.ts'
import { isStream, streamSource } from './stream-source.ts'

/** What a training learns from and is judged on. */
export interface Sources {
  readonly train: BatchSource
  readonly validation: BatchSource | undefined
}

/** Reads and checks all that `fit` is given. */
export async function fitSources(
  model: AnyModel,
  x: Data | BatchStream,
  y: Data | null | undefined,
  options: FitOptions,
): Promise<Sources> {
  checkBatchSize('fit', options.batchSize)
  if (!isStream(x)) return arraySources(model, x, y, options)
  const {
    validationSplit = 0,
    sampleWeight,
    classWeight,
    stepsPerEpoch: steps,
    allowNaN,
    padLengths,
  } = options
  for (const [name, isGiven, fix] of [
    ['validationSplit', validationSplit !== 0, 'Pass validationData.'],
    ['sampleWeight', sampleWeight !== undefined, 'Yield batches of the form [x, y, sampleWeight].'],
  ] as const) {
    if (!isGiven) continue
    throw new ArgumentError({
      where: `fit: ${name}`,
      expected: 'samples in memory',
      received: 'a stream of batches',
      fix,
    })
  }
  const train = streamSource('fit', model, x, {
    classWeight,
    steps,
    allowNaN,
    padLengths,
    use: 'trainStream',
  })
  return { train, validation: await validationSource(model, undefined, options) }
}

async function arraySources(
  model: AnyModel,
  x: Data,
  y: Data | null | undefined,
  options: FitOptions,
): Promise<Sources> {
  if (y === undefined) {
    throw new ArgumentError({
      where: 'fit',
      expected: 'labels y beside x',
      received: 'none',
      fix: 'Call model.fit(x, y, options).',
    })
  }
  const { validationSplit = 0, validationData, classWeight, batchSize } = options
  const samples = await toSamples('fit', model, x, y, options)
  const [kept, held] =
    validationSplit === 0 || validationData !== undefined
      ? [samples, undefined]
      : splitSamples('fit', samples, validationSplit)
  return {
    train: arraySource('fit', await withClassWeights('fit', model, kept, classWeight), batchSize),
    validation: await validationSource(model, held, options),
  }
}

async function validationSource(
  model: AnyModel,
  held: ArraySamples | undefined,
  options: FitOptions,
): Promise<BatchSource | undefined> {
  const where = 'fit: validationData'
  const { validationData: data, validationSteps: steps, allowNaN, padLengths } = options
  const size = options.validationBatchSize ?? options.batchSize
  checkBatchSize('fit: validationData', size)
  // A size that was meant for the training data is cut to what there is.
  const batches = (samples: ArraySamples) =>
    arraySource(where, samples, size && Math.min(size, samples.x[0]?.shape[0] ?? 1))
  if (data === undefined) return held && batches(held)
  if (isStream(data))
    return streamSource(where, model, data, { steps, allowNaN, padLengths, use: 'testStream' })
  if (!Array.isArray(data) || data.length < 2) {
    throw new ArgumentError({
      where,
      expected: '[x, y], [x, y, sampleWeight] or a stream of such batches',
      received: Array.isArray(data) ? `a list of ${data.length}` : typeof data,
    })
  }
  const [x, y, sampleWeight] = data
  return batches(await toSamples(where, model, x, y, { sampleWeight, allowNaN }))
}
