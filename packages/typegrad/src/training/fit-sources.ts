import { ArgumentError } from '../base/errors.ts'
import { type HostArray, rowsOf } from '../data/host-array.ts'
import type { AnyModel } from '../models/model.ts'
import { arraySource } from './array-source.ts'
import { type BatchSource, checkBatchSize } from './batch-source.ts'
import { withClassWeights } from './class-weights.ts'
import { evaluationSource } from './evaluate.ts'
import type { FitOptions, TrainingData } from './fit-options.ts'
import { labelledBatches } from './labelled-batches.ts'
import { PaddedLengths } from './padded-lengths.ts'
import { readSamples } from './read-samples.ts'
import { countOf, mapSamples, type Samples } from './samples.ts'
import { isStream, streamSource } from './stream-source.ts'

/** What a training learns from, and what the model is evaluated on. */
export interface Sources {
  readonly train: BatchSource
  readonly validation: BatchSource | undefined
}

/** Reads and checks all that `fit` is given. */
export async function fitSources(model: AnyModel, data: TrainingData, options: FitOptions): Promise<Sources> {
  const { batchSize, stepsPerEpoch: steps, classWeight, allowNaN, padLengths } = options
  const { validationSplit = 0, validationData, validationBatchSize = batchSize, validationSteps } = options
  const { engine } = model
  const validation = { batchSize: validationBatchSize, steps: validationSteps, allowNaN, padLengths }
  const validate = async () =>
    validationData && evaluationSource('fit: validationData', model, checkPair(validationData), validation)
  checkBatchSize('fit', batchSize)
  checkBatchSize('fit: validationData', validationBatchSize)
  if (isStream(data)) {
    refuseBesideStream(options)
    const padding = new PaddedLengths(model, 'trainStream', padLengths)
    const read = labelledBatches(model, { classWeight, allowNaN, padding })
    return { train: streamSource('fit', data, read, steps), validation: await validate() }
  }
  const samples = await readSamples('fit', model, data, { allowNaN })
  const [kept, held] =
    validationSplit === 0 || validationData !== undefined ? [samples] : split(samples, validationSplit)
  checkBatchSize('fit', batchSize, countOf(kept))
  return {
    train: arraySource(await withClassWeights('fit', model, kept, classWeight), { batchSize, steps, engine }),
    validation: held === undefined ? await validate() : arraySource(held, { ...validation, engine }),
  }
}

/** What is for samples in memory. */
function refuseBesideStream({ validationSplit = 0, sampleWeight }: FitOptions): void {
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
}

/** The last share of the samples apart from the others. */
function split(
  samples: Samples<HostArray>,
  share: number,
): [train: Samples<HostArray>, held: Samples<HostArray>] {
  const total = countOf(samples)
  const kept = Math.floor(total * (1 - share))
  if (!(share > 0 && share < 1) || kept === 0 || kept === total) {
    throw new ArgumentError({
      where: 'fit: validationSplit',
      expected: `a share between 0 and 1 that leaves samples on both sides of ${total}`,
      received: String(share),
    })
  }
  const part = (start: number, stop: number) => mapSamples(samples, (array) => rowsOf(array, start, stop))
  return [part(0, kept), part(kept, total)]
}

function checkPair(data: TrainingData): TrainingData {
  if (isStream(data) || (Array.isArray(data) && data.length >= 2)) return data
  throw new ArgumentError({
    where: 'fit: validationData',
    expected: '[x, y], [x, y, sampleWeight] or a stream of such batches',
    received: Array.isArray(data) ? `a list of ${data.length}` : typeof data,
  })
}
