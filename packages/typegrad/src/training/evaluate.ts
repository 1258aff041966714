import type { Logs } from '../callbacks/callback.ts'
import { CallbackList } from '../callbacks/callback-list.ts'
import { progressBar } from '../callbacks/progress-bar.ts'
import type { AnyModel } from '../models/model.ts'
import { arraySource } from './array-source.ts'
import { type BatchingOptions, type BatchSource, checkBatchSize, checkCount } from './batch-source.ts'
import {
  type BatchStream,
  type Data,
  type EvaluateOptions,
  evaluateChecks,
  type TrainingData,
} from './fit-options.ts'
import { labelledBatches } from './labelled-batches.ts'
import { Lease } from './lease.ts'
import { PaddedLengths } from './padded-lengths.ts'
import type { ReadOptions } from './read-inputs.ts'
import { readSamples } from './read-samples.ts'
import type { StepFunctions } from './step-functions.ts'
import { isStream, streamSource } from './stream-source.ts'
import { trainingArguments } from './training-arguments.ts'

/** `evaluate`, behind its two signatures. */
export async function evaluate(
  model: AnyModel,
  x: Data | BatchStream,
  y: Data | EvaluateOptions | null | undefined,
  third: EvaluateOptions | undefined,
): Promise<Logs> {
  model.compiled('evaluate')
  const { data, options } = trainingArguments('evaluate', evaluateChecks, x, y, third)
  const { verbose = 1 } = options
  const bar = verbose === 0 ? undefined : progressBar()
  if (verbose === 1) bar?.status('reading data …')
  const source = await evaluationSource('evaluate', model, data, options).finally(() => bar?.clear())
  const lease = new Lease(model, 'evaluate')
  try {
    if (source.labels !== undefined) lease.functions(source.labels)
    const shown = bar === undefined ? [] : [bar]
    const callbacks = new CallbackList(model, [...shown, ...(options.callbacks ?? [])], {
      epochs: 1,
      steps: source.steps,
      batchSize: source.batchSize,
      samples: source.samples,
      verbose,
      metrics: lease.current?.names ?? [],
      position: () => ({ epoch: 0 }),
      restoreGathered: () => Promise.resolve(),
    })
    return await runEvaluation(lease, source, callbacks, options.signal)
  } finally {
    lease.end()
    await source.close()
  }
}

interface EvaluationOptions extends BatchingOptions, ReadOptions {
  /** Whether sequences may be made longer where masks make that exact. Default true. */
  readonly padLengths?: boolean | undefined
}

/** The batches that a model is evaluated on. A batch size that was meant for other data is cut to what there is. */
export async function evaluationSource(
  where: string,
  model: AnyModel,
  data: TrainingData,
  { batchSize, steps, allowNaN, padLengths }: EvaluationOptions,
): Promise<BatchSource> {
  checkBatchSize(where, batchSize)
  checkCount(`${where}: steps`, steps, 1)
  if (isStream(data)) {
    const padding = new PaddedLengths(model, 'testStream', padLengths)
    return streamSource(where, data, labelledBatches(model, { allowNaN, padding }), steps)
  }
  const padding = new PaddedLengths(model, 'test', padLengths)
  const samples = padding.samples(await readSamples(where, model, data, { allowNaN }))
  return arraySource(samples, { batchSize, steps, engine: model.engine })
}

/** One pass of the test step over a source. */
export async function runEvaluation(
  lease: Lease,
  source: BatchSource,
  callbacks: CallbackList,
  signal: AbortSignal | undefined,
): Promise<Logs> {
  await callbacks.each((callback) => callback.onTestBegin())
  let functions: StepFunctions | undefined
  let step = 0
  for await (const batch of source.epoch('natural')) {
    const now = functions ?? lease.functions(batch.y)
    if (functions === undefined) await now.reset()
    functions = now
    await callbacks.each((callback) => callback.onTestBatchBegin(step))
    await now.test(batch)
    await callbacks.each((callback) => callback.onTestBatchEnd(step, () => now.logs()))
    step += 1
    if (signal?.aborted) break
  }
  const logs = (await functions?.logs()) ?? {}
  await callbacks.each((callback) => callback.onTestEnd(logs))
  return logs
}
