import { ArgumentError } from '../base/errors.ts'
import type { Callback, Logs } from '../callbacks/callback.ts'
import { progressBar } from '../callbacks/progress-bar.ts'
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
  const callbacks = [...(verbose === 0 ? [] : [progressBar()]), ...(options.callbacks ?? [])]
  for (const callback of callbacks) {
    callback.model = model
    callback.params = {
      epochs: 1,
      steps: options.steps ?? source.steps,
      batchSize: source.batchSize,
      samples: source.samples,
      verbose,
      metrics: model.compiled('evaluate').current?.names ?? ['loss'],
    }
  }
  return runEvaluation(
    model,
    source,
    options.steps,
    async (hook) => {
      for (const callback of callbacks) await hook(callback)
    },
    options.signal,
  )
}

/** One pass of the test step over a source. */
export async function runEvaluation(
  model: Model,
  source: BatchSource,
  limit: number | undefined,
  each: (hook: (callback: Callback) => void | Promise<void>) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Logs> {
  let steps = model.compiled('evaluate').current
  await steps?.reset()
  await each((callback) => callback.onTestBegin())
  let step = 0
  for await (const batch of source.epoch('natural')) {
    if (steps === undefined) {
      steps = stepsFor(model, batch)
      await steps.reset()
    }
    const now = steps
    await now.test(batch.x, batch.y, batch.weights)
    await each((callback) => callback.onTestBatchEnd(step, () => now.logs()))
    step += 1
    if (signal?.aborted || step === limit) break
  }
  const logs = (await steps?.logs()) ?? {}
  await each((callback) => callback.onTestEnd(logs))
  return logs
}
