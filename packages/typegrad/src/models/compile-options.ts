import { ArgumentError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import type { HostArray } from '../data/host-array.ts'
import { getLoss, type Loss, type LossIdentifier } from '../losses/index.ts'
import { getMetric, type Metric, type MetricIdentifier } from '../metrics/index.ts'
import { getOptimizer, type Optimizer, type OptimizerIdentifier } from '../optimizers/index.ts'
import type { Model } from './model.ts'
import { type OutputJudge, Steps } from './steps.ts'

/** One for all outputs, a list in their order, or by the outputs' names. */
export type PerOutput<T> = T | readonly (T | null)[] | Readonly<Record<string, T>>

export interface CompileOptions {
  /** Default `'rmsprop'`, as in Keras. */
  readonly optimizer?: OptimizerIdentifier
  /** What training makes small. */
  readonly loss?: PerOutput<LossIdentifier>
  /** How much each output's loss counts. Default 1. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>>
  /** What is measured: a list, or a list for each output. `'accuracy'` finds its kind from the output. */
  readonly metrics?:
    | readonly MetricIdentifier[]
    | readonly (readonly MetricIdentifier[])[]
    | Readonly<Record<string, readonly MetricIdentifier[]>>
}

/** Shapes of labels, which decide what `'accuracy'` means. */
type Labels = readonly Pick<HostArray, 'shape' | 'dtype'>[]

export interface Compiled {
  readonly optimizer: Optimizer
  readonly options: CompileOptions
  /** The loss of an output; undefined for one that is not trained on. */
  lossOf(output: number): Loss | undefined
  /** The compiled functions for labels of these shapes: the same ones from the first call on. */
  steps(labels: Labels): Steps
  /** The compiled functions, if there are any yet. */
  readonly current: Steps | undefined
  /** What `compile` makes again from this, as JSON. */
  getConfig(): Record<string, unknown>
}

export function compileModel(model: Model, options: CompileOptions): Compiled {
  const optimizer = getOptimizer(options.optimizer ?? 'rmsprop')
  const losses = new Map<number, Loss | undefined>()
  const names = () => model.modelOutputs.map((output) => output.name)
  const single = isIdentifier(options.loss) ? getLoss(options.loss) : undefined
  const lossOf = (output: number): Loss | undefined => {
    if (!losses.has(output)) losses.set(output, single ?? chooseLoss(options.loss, output, names()))
    return losses.get(output)
  }
  let current: Steps | undefined
  return {
    optimizer,
    options,
    lossOf,
    get current() {
      return current
    },
    steps(labels) {
      current ??= new Steps(model, judgesOf(model, options, lossOf, labels), optimizer)
      return current
    },
    getConfig: () => ({
      optimizer: serialize(optimizer),
      loss: model.modelOutputs.map((_, i) => {
        const loss = lossOf(i)
        return loss === undefined ? null : serialize(loss)
      }),
      lossWeights: options.lossWeights ?? null,
      metrics: metricsConfig(options.metrics),
    }),
  }
}

function judgesOf(
  model: Model,
  options: CompileOptions,
  lossOf: (output: number) => Loss | undefined,
  labels: Labels,
): OutputJudge[] {
  const outputs = model.modelOutputs
  return outputs.map(({ name, shape }, i) => {
    const loss = lossOf(i)
    const label = labels[i]
    const wanted = metricsOf(options.metrics, i, name, outputs.length)
    const metrics = wanted.map((identifier): Metric => {
      const metric = getMetric(identifier, {
        ...(loss === undefined ? {} : { loss }),
        ...(shape === undefined ? {} : { outputShape: shape }),
        ...(label === undefined ? {} : { labelShape: label.shape }),
      })
      return outputs.length > 1 ? metric.renamed(`${name}_${metric.name}`) : metric
    })
    return { name, loss, lossWeight: weightOf(options.lossWeights, i, name), metrics }
  })
}

const isIdentifier = (loss: CompileOptions['loss']): loss is LossIdentifier =>
  typeof loss === 'string' || (typeof loss === 'object' && loss !== null && 'className' in loss)

function chooseLoss(
  loss: CompileOptions['loss'],
  output: number,
  names: readonly string[],
): Loss | undefined {
  if (loss === undefined || isIdentifier(loss)) return undefined
  const chosen = Array.isArray(loss)
    ? loss[output]
    : (loss as Readonly<Record<string, LossIdentifier>>)[names[output] as string]
  return chosen === undefined || chosen === null ? undefined : getLoss(chosen)
}

function metricsOf(
  metrics: CompileOptions['metrics'],
  output: number,
  name: string,
  outputs: number,
): readonly MetricIdentifier[] {
  if (metrics === undefined) return []
  if (!Array.isArray(metrics))
    return (metrics as Readonly<Record<string, readonly MetricIdentifier[]>>)[name] ?? []
  const nested = metrics.some((item) => Array.isArray(item))
  if (nested) return (metrics as readonly (readonly MetricIdentifier[])[])[output] ?? []
  if (outputs > 1) {
    throw new ArgumentError({
      where: 'compile: metrics',
      expected: `a list for each of the ${outputs} outputs, or lists by the outputs' names`,
      received: 'one list',
    })
  }
  return metrics as readonly MetricIdentifier[]
}

function weightOf(weights: CompileOptions['lossWeights'], output: number, name: string): number {
  if (weights === undefined) return 1
  return (Array.isArray(weights) ? weights[output] : (weights as Readonly<Record<string, number>>)[name]) ?? 1
}

/** Metrics as their names or configurations, nested as they were given. */
function metricsConfig(metrics: unknown): unknown {
  if (metrics === undefined) return null
  if (Array.isArray(metrics)) return metrics.map(metricsConfig)
  if (typeof metrics === 'string') return metrics
  const object = metrics as Record<string, unknown>
  if (typeof object.className === 'string' && typeof object.getConfig === 'function')
    return serialize(object as never)
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, metricsConfig(value)]))
}
