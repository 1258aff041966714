import { ArgumentError } from '../base/errors.ts'
import type { Logs } from '../callbacks/callback.ts'
import { CallbackList } from '../callbacks/callback-list.ts'
import { progressBar } from '../callbacks/progress-bar.ts'
import type { AnyModel } from '../models/model.ts'
import {
  type BatchStream,
  type Data,
  type EvaluateOptions,
  evaluateChecks,
  optionsBehind,
} from './fit-options.ts'
import { Lease } from './lease.ts'
import { PaddedLengths } from './padded-lengths.ts'
import { toSamples } from './samples.ts'
import { arraySource, type BatchSource, checkBatchSize } from './source.ts'
import type { Steps } from './steps.ts'
import { isStream, streamSource } from './stream-source.ts'

/** `evaluate`, behind its two signatures. */
export async function evaluate(
  model: AnyModel,
  x: Data | BatchStream,
  y: Data | EvaluateOptions | null | undefined,
  third: EvaluateOptions | undefined,
): Promise<Logs> {
  model.compiled('evaluate')
  const options = optionsBehind<EvaluateOptions>('evaluate', evaluateChecks, isStream(x), y, third)
  const { verbose = 1 } = options
  const bar = verbose === 0 ? undefined : progressBar()
  if (verbose === 1) bar?.status('reading data …')
  const source = await sourceOf(model, x, y as Data | null | undefined, options).finally(() => bar?.clear())
  const lease = new Lease(model, 'evaluate')
  try {
    if (source.labels !== undefined) lease.steps(source.labels)
    const shown = bar === undefined ? [] : [bar]
    const callbacks = new CallbackList(model, [...shown, ...(options.callbacks ?? [])], {
      epochs: 1,
      steps: source.steps,
      batchSize: source.batchSize,
      samples: source.samples,
      verbose,
      metrics: lease.current?.names ?? [],
      position: () => ({ epoch: 0 }),
    })
    return await runEvaluation(lease, source, callbacks, options.signal)
  } finally {
    lease.end()
    await source.close()
  }
}

async function sourceOf(
  model: AnyModel,
  x: Data | BatchStream,
  y: Data | null | undefined,
  options: EvaluateOptions,
): Promise<BatchSource> {
  const { steps, allowNaN, batchSize, padLengths } = options
  if (isStream(x))
    return streamSource('evaluate', model, x, { steps, allowNaN, padLengths, use: 'testStream' })
  if (y === undefined) {
    throw new ArgumentError({
      where: 'evaluate',
      expected: 'labels y beside x',
      received: 'none',
      fix: 'Call model.evaluate(x, y, options).',
    })
  }
  checkBatchSize('evaluate', batchSize)
  const given = await toSamples('evaluate', model, x, y, options)
  const samples = new PaddedLengths(model, 'test', padLengths).samples(given)
  // A size that was meant for the training data is cut to what there is, as in predict.
  const size = batchSize && Math.min(batchSize, samples.x[0]?.shape[0] ?? 1)
  const source = arraySource('evaluate', samples, size)
  return steps === undefined ? source : limited(source, steps)
}

/** A source that ends after so many batches. */
export function limited(source: BatchSource, steps: number): BatchSource {
  return {
    ...source,
    steps: Math.min(steps, source.steps ?? steps),
    async *epoch(order, first = 0) {
      let step = first
      if (step >= steps) return
      for await (const batch of source.epoch(order, first)) {
        yield batch
        step += 1
        if (step === steps) return
      }
    },
  }
}

/** One pass of the test step over a source. */
export async function runEvaluation(
  lease: Lease,
  source: BatchSource,
  callbacks: CallbackList,
  signal: AbortSignal | undefined,
): Promise<Logs> {
  await callbacks.each((callback) => callback.onTestBegin())
  let steps: Steps | undefined
  let step = 0
  for await (const batch of source.epoch('natural')) {
    const now = steps ?? lease.steps(batch.y)
    if (steps === undefined) await now.reset()
    steps = now
    await callbacks.each((callback) => callback.onTestBatchBegin(step))
    await now.test(batch)
    await callbacks.each((callback) => callback.onTestBatchEnd(step, () => now.logs()))
    step += 1
    if (signal?.aborted) break
  }
  const logs = (await steps?.logs()) ?? {}
  await callbacks.each((callback) => callback.onTestEnd(logs))
  return logs
}
