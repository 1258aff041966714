import { ArgumentError } from '../base/errors.ts'
import { checkOptions, func, named, numeric, optionsOf, severalOf } from '../base/options.ts'
import { packageOf } from '../base/registered.ts'
import { serialize } from '../base/serialization.ts'
import type { Shape } from '../base/shape.ts'
import { packed } from '../base/structured.ts'
import type { Layer } from '../layers/base/layer.ts'
import { getLoss, type Loss, type LossIdentifier } from '../losses/index.ts'
import type { MetricIdentifier } from '../metrics/index.ts'
import type { AnyModel } from '../models/model.ts'
import { getOptimizer, type Optimizer, type OptimizerIdentifier } from '../optimizers/index.ts'
import { CompiledMetrics, checkMetric, metricsConfig, type PerOutputMetrics } from './compiled-metrics.ts'
import { FrozenSince } from './frozen-since.ts'
import type { GradientExchange, GradientFunction } from './gradient-hooks.ts'
import { type PerOutput, perOutput } from './per-output.ts'
import { type OutputTerms, StepFunctions } from './step-functions.ts'
import type { LossTerm } from './total-loss.ts'

export interface CompileOptions {
  /** What changes the weights. Default `'rmsprop'`, as in Keras. */
  readonly optimizer?: OptimizerIdentifier
  /** What training makes small: one for all outputs, a list in their order, or by their names. Default none. */
  readonly loss?: LossIdentifier | PerOutput<LossIdentifier>
  /** How much each output's loss counts. Default 1. */
  readonly lossWeights?: PerOutput<number>
  /** What is measured: a list, or a list for each output. `'accuracy'` finds its kind from the output. Default none. */
  readonly metrics?: PerOutputMetrics
  /** What is measured with the weights of samples and classes, which `metrics` leave aside. Default none. */
  readonly weightedMetrics?: PerOutputMetrics
  /**
   * Changes the gradients within the compiled step: noise, clipping, projections. They are those of the loss itself; a
   * scale of the loss is taken off before. What it returns is exchanged, added up over `gradientAccumulationSteps`, clipped
   * by the optimizer's options and applied, in this order. Not saved with the model. Default: they stay as they are.
   */
  readonly gradients?: GradientFunction
  /**
   * Exchanges the gradients of each batch with others before the update, as the average over several workers. The step
   * is then two programs, and the gradients pass through main memory between them. Accumulation and the optimizer's
   * clipping come after it, as in PyTorch's DistributedDataParallel. Not saved with the model. Default: none.
   */
  readonly exchange?: GradientExchange
}

const compileChecks = optionsOf<CompileOptions>()({
  optimizer: named,
  loss: named,
  lossWeights: severalOf('numbers', numeric),
  metrics: severalOf('metrics', named),
  weightedMetrics: severalOf('metrics', named),
  gradients: func,
  exchange: func,
})

/** Shapes of labels, which decide what `'accuracy'` means. */
export type Labels = readonly { readonly shape: Shape }[]

/** What `compile` makes. */
export class Compiled {
  readonly optimizer: Optimizer
  readonly #model: AnyModel
  readonly #options: CompileOptions
  readonly #losses = new Map<number, Loss | undefined>()
  readonly #metrics: CompiledMetrics
  /** Compiled functions that are free to be used. */
  readonly #free: StepFunctions[] = []
  readonly #frozenSince: FrozenSince
  #hasFunctions = false

  /** @throws UnknownNameError and ArgumentError for what the options say and there is not. */
  constructor(model: AnyModel, options: CompileOptions) {
    if (options === undefined) {
      throw new ArgumentError({
        where: 'compile',
        expected: 'options that say what the model learns',
        received: 'none',
        fix: "Write model.compile({ optimizer: 'adam', loss: 'meanSquaredError' }).",
      })
    }
    checkOptions('compile', options, compileChecks)
    this.#model = model
    this.#options = options
    this.optimizer = getOptimizer(options.optimizer ?? 'rmsprop')
    this.#metrics = new CompiledMetrics(options)
    this.#frozenSince = new FrozenSince(model as unknown as Layer)
    this.#check()
  }

  /** Whatever can be known before there are labels is known now. */
  #check(): void {
    const { loss, metrics, weightedMetrics, lossWeights } = this.#options
    const names = this.#names()
    for (const identifier of isOne(loss) ? [loss] : Object.values(loss ?? {})) {
      if (identifier !== null) getLoss(identifier, anyTask)
    }
    for (const identifier of [metrics, weightedMetrics].flatMap(identifiersOf)) checkMetric(identifier)
    if (names.length === 0) return
    if (!isOne(loss)) perOutput('compile: loss', loss, names)
    perOutput('compile: lossWeights', lossWeights, names)
    this.#metrics.of(names)
  }

  #names(): string[] {
    return this.#model.modelOutputs.map((output) => output.name)
  }

  /** The loss of an output; undefined for one that is not trained on. */
  lossOf(output: number, labelShape?: Shape): Loss | undefined {
    if (!this.#losses.has(output)) {
      const { loss } = this.#options
      const identifier = isOne(loss) ? loss : perOutput('compile: loss', loss, this.#names())[output]
      const outputShape = this.#model.modelOutputs[output]?.shape
      const context = { ...(outputShape && { outputShape }), ...(labelShape && { labelShape }) }
      this.#losses.set(output, identifier === undefined ? undefined : getLoss(identifier, context))
    }
    return this.#losses.get(output)
  }

  /** What the metrics of an output make of steps that it masks. */
  maskingOf(output: number): ReturnType<CompiledMetrics['masking']> {
    const [port, loss] = [this.#model.modelOutputs[output], this.lossOf(output)]
    const names = this.#names()
    return port === undefined
      ? 'none'
      : this.#metrics.masking(names, output, { ...port, labelShape: undefined, loss })
  }

  /** The loss of every output and how much it counts. */
  lossTerms(): LossTerm[] {
    const names = this.#names()
    const weights = perOutput('compile: lossWeights', this.#options.lossWeights, names)
    return names.map((_, i) => ({ loss: this.lossOf(i), lossWeight: weights[i] ?? 1 }))
  }

  /** The places of the outputs that have a loss or metrics, and so need labels. */
  labelledOutputs(): readonly number[] {
    const [names, { loss }] = [this.#names(), this.#options]
    const losses = isOne(loss) ? names.map(() => loss) : perOutput('compile: loss', loss, names)
    return this.#metrics.of(names).flatMap(({ plain, weighted }, i) => {
      const isMeasured = plain.length > 0 || weighted.length > 0
      return losses[i] === undefined && !isMeasured ? [] : [i]
    })
  }

  /** Compiled functions that are free, if there are any yet. To be given back by `free`. */
  take(where: string): StepFunctions | undefined {
    this.#frozenSince.warn(where, this.#hasFunctions)
    return this.#free.pop()
  }

  /** New compiled functions for labels of these shapes. To be given back by `free`. */
  functions(labels: Labels): StepFunctions {
    // A step of the model's own may have other optimizers: that which it uses is built with its first use.
    if (!this.#model.hasOwnSteps) this.optimizer.build(this.#model.trainableWeights)
    this.#hasFunctions = true
    const { gradients, exchange } = this.#options
    return new StepFunctions(this.#model, this.#terms(labels), {
      optimizer: this.optimizer,
      gradients,
      exchange,
    })
  }

  free(functions: StepFunctions): void {
    this.#free.push(functions)
  }

  #terms(labels: Labels): OutputTerms[] {
    const names = this.#names()
    const metrics = this.#metrics.make(
      this.#model.modelOutputs.map((port, i) => ({
        ...port,
        labelShape: labels[i]?.shape,
        loss: this.lossOf(i, labels[i]?.shape),
      })),
    )
    return this.lossTerms().map((term, i) => ({
      ...term,
      name: names[i] as string,
      metrics: metrics[i] ?? [],
    }))
  }

  /** What `compile` makes again from this, as JSON. */
  getConfig(): Record<string, unknown> {
    const names = this.#names()
    const { loss, lossWeights, metrics, weightedMetrics } = this.#options
    const { outputStructure } = this.#model
    // Outputs by name have what is said of them by name, as Keras wants it; others in a list.
    const structured = (list: readonly unknown[] | undefined): unknown =>
      list === undefined ? null : packed(outputStructure === 'one' ? 'list' : outputStructure, list)
    const weights = perOutput('compile: lossWeights', lossWeights, names)
    const losses = isOne(loss) ? names.map(() => loss) : perOutput('compile: loss', loss, names)
    return {
      optimizer: serialize(this.optimizer),
      loss: structured(
        losses.map((one) => {
          if (one === undefined) return null
          // What a package has registered is a class or a function, which the name alone does not tell.
          return typeof one === 'string' && packageOf(one) === undefined ? one : serialize(getLoss(one))
        }),
      ),
      // Keras wants a weight for every loss.
      lossWeights: structured(lossWeights && weights.map((weight) => weight ?? 1)),
      metrics: structured(metricsConfig('compile: metrics', metrics, names)),
      weightedMetrics: structured(metricsConfig('compile: weightedMetrics', weightedMetrics, names)),
    }
  }
}

/** Names that stand for one task or another are known, whatever the task will be. */
const anyTask = { labelShape: [1, 1], outputShape: [null, 1] }

/** One loss for all outputs, rather than a list or a record of them. */
const isOne = (loss: CompileOptions['loss']): loss is LossIdentifier =>
  typeof loss === 'string' ||
  typeof loss === 'function' ||
  (typeof loss === 'object' && loss !== null && !Array.isArray(loss) && 'className' in loss)

const identifiersOf = (metrics: PerOutputMetrics | undefined): MetricIdentifier[] =>
  Object.values(metrics ?? {}).flat() as MetricIdentifier[]
