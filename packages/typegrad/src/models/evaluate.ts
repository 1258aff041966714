import { ArgumentError } from '../base/errors.ts'
import type { Logs } from '../callbacks/callback.ts'
import { progressBar } from '../callbacks/progress-bar.ts'
import { CallbackList } from './callback-list.ts'
import { stepsFor } from './fit.ts'
import type { BatchStream, Data, EvaluateOptions } from './fit-options.ts'
import type { Model } from './model.ts'
import { portsOf } from './ports.ts'
import { arraySource, type BatchSource, isStream, streamSource, toSamples } from './source.ts'

/** `evaluate`, behind its three signatures. */
export async function evaluate(
  model: Model,
  x: Data | BatchStream,
  y: Data | EvaluateOptions | undefined,
  third: EvaluateOptions | undefined,
): Promise<Logs> {
  model.compiled('evaluate')
  const options = (isStream(x) ? (y as EvaluateOptions | undefined) : third) ?? {}
  let source: BatchSource
  if (isStream(x)) source = streamSource('evaluate', portsOf(model), x, options)
  else {
    if (y === undefined) {
      throw new ArgumentError({ where: 'evaluate', expected: 'labels y beside x', received: 'none' })
    }
    source = arraySource(
      'evaluate',
      await toSamples('evaluate', portsOf(model), x, y as Data, options),
      options.batchSize,
    )
  }
  const { verbose = 1 } = options
  const callbacks = new CallbackList(
    model,
    [...(verbose === 0 ? [] : [progressBar()]), ...(options.callbacks ?? [])],
    {
      epochs: 1,
      steps: options.steps ?? source.steps,
      batchSize: source.batchSize,
      samples: source.samples,
      verbose,
      metrics: model.compiled('evaluate').current?.names ?? ['loss'],
    },
  )
  return runEvaluation(model, source, options.steps, callbacks, options.signal)
}

/** One pass of the test step over a source. */
export async function runEvaluation(
  model: Model,
  source: BatchSource,
  limit: number | undefined,
  callbacks: CallbackList,
  signal: AbortSignal | undefined,
): Promise<Logs> {
  let steps = model.compiled('evaluate').current
  await steps?.reset()
  await callbacks.each((callback) => callback.onTestBegin())
  let step = 0
  for await (const batch of source.epoch('natural')) {
    if (steps === undefined) {
      steps = stepsFor(model, batch.x, batch.y)
      await steps.reset()
    }
    const now = steps
    await now.test(batch.x, batch.y, batch.weights)
    await callbacks.each((callback) => callback.onTestBatchEnd(step, () => now.logs()))
    step += 1
    if (signal?.aborted || step === limit) break
  }
  const logs = (await steps?.logs()) ?? {}
  await callbacks.each((callback) => callback.onTestEnd(logs))
  return logs
}
