import { ShapeError, StateError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import { type Work, within } from '../base/work.ts'
import type { Engine } from '../engine/engine.ts'
import { gatherActivityPenalties } from '../layers/base/activity.ts'
import type { Layer } from '../layers/base/layer.ts'
import { type Collected, CollectingMetric, whileCollecting } from '../metrics/collecting.ts'
import { type Metric, mean } from '../metrics/index.ts'
import { cast } from '../ops/apply.ts'
import { concat } from '../ops/shape.ts'
import type { Optimizer } from '../optimizers/index.ts'
import { type Generator, withGenerator } from '../random/generator.ts'
import { constant, fromData, type Tensor } from '../tensor/tensor.ts'
import { withScope } from '../tensor/trace.ts'
import { Variable } from '../tensor/variable.ts'
import { type CompiledFunction, compile, compileWork } from '../transforms/compile.ts'
import { WatchingScope } from './assignments.ts'
import { ExchangedUpdate } from './exchanged-update.ts'
import { changedGradients, type GradientHooks, scaledGradients } from './gradient-hooks.ts'
import { type Batch, countOf } from './samples.ts'
import { StepBatch, type StepLogs } from './step-batch.ts'
import { updateMetric } from './step-labels.ts'
import { type LossTerm, lossOf } from './total-loss.ts'

/** What the steps need of a model. */
export interface SteppedModel {
  readonly name: string
  readonly seedGenerator: Generator
  /** Where the model runs; undefined for the default engine. */
  readonly engine: Engine | undefined
  readonly trainableWeights: readonly Variable[]
  readonly constraints: Layer['constraints']
  /** Metrics in the model's fields, or what a class of its own says that its metrics are. */
  readonly metrics: readonly Metric[]
  /** Whether one of the hooks below is not the library's own. */
  readonly hasOwnSteps: boolean
  /** A step as work that may be interrupted. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
  stepWork(kind: StepKind, batch: StepBatch): Work<StepLogs | void>
}

export type StepKind = 'train' | 'test'

/** A metric and what the logs call it. */
export interface LoggedMetric {
  readonly metric: Metric
  readonly name: string
  /** Whether the weights of samples count. */
  readonly isWeighted: boolean
}

/** What one output of a model is trained on and measured by. */
export interface OutputTerms extends LossTerm {
  /** The output's name, in front of its losses where there are several outputs. */
  readonly name: string
  readonly metrics: readonly LoggedMetric[]
}

type Tensors = readonly Tensor[]

/** How the weights learn. */
export interface Learning extends GradientHooks {
  readonly optimizer: Optimizer
}

/**
 * Gives what metrics keep of a batch outside of the step, in the order of the report's `collecting`; before that the
 * gradients of the loss that are to be exchanged, if any are.
 */
type Step = CompiledFunction<[batch: Batch], Tensors>

/** What a kind of step has to log, known once it has been traced. */
interface Report {
  readonly metrics: readonly { readonly metric: Metric; readonly name: string }[]
  readonly own: ReadonlyMap<string, Variable>
  readonly collecting: readonly CollectingMetric[]
}

/** The steps that are being traced for a model. */
const active = new Map<SteppedModel, StepFunctions>()

/** The steps that are being traced for a model; undefined outside of its hooks. */
export const activeStepFunctions = (model: SteppedModel): StepFunctions | undefined => active.get(model)

/** @throws StateError outside of the model's hooks. */
export function stepFunctionsOf(model: SteppedModel, where: string): StepFunctions {
  const steps = active.get(model)
  if (steps !== undefined) return steps
  throw new StateError({
    where,
    expected: 'a call within fit, evaluate or their like, which gather losses and metrics',
    received: `one outside of a step of '${model.name}'`,
    fix: 'Call it in trainStep or testStep, or train with model.trainOnBatch.',
  })
}

/**
 * The compiled functions of a training: one model for forward, backward, update and metrics.
 *
 * Their results stay in variables, so that a step returns nothing and the loop reads the logs only when
 * a callback asks for them. The weights that are trained are those that were trainable when the steps were made.
 */
export class StepFunctions {
  readonly #model: SteppedModel
  readonly #outputs: readonly OutputTerms[]
  /** The losses of several outputs apart; none for an output without one. */
  readonly #outputLosses: readonly (Metric | undefined)[]
  readonly #compiled: Report['metrics']
  readonly #loss: Metric = mean({ name: 'loss' })
  readonly #steps: Readonly<Record<StepKind, Step>>
  readonly #reports: Record<StepKind, Report | undefined> = { train: undefined, test: undefined }
  /** The kind of the step that is being traced, in each portion of its work. */
  #tracing: StepKind = 'train'
  /** The kind of the last step, whose logs are asked for. */
  #last: StepKind = 'train'
  /** Traced anew when a metric has more variables: some learn from their first batch how many they need. */
  readonly #read: CompiledFunction<[variables: number, kind: StepKind], Tensor>
  readonly #reset: CompiledFunction<[variables: number], void>
  /** How many numbers each metric gave when its results were last traced. */
  #sizes: readonly number[] = []
  /** The weights that are trained. */
  readonly weights: readonly Variable[]
  readonly #learning: Learning
  readonly #exchanged: ExchangedUpdate | undefined
  /** The gradients of steps that are being traced, as they are handed on: to the optimizer, or to be exchanged. */
  readonly #learned = new WeakMap<StepBatch, Tensors>()

  constructor(model: SteppedModel, outputs: readonly OutputTerms[], learning: Learning) {
    this.#model = model
    this.#learning = learning
    const on = { engine: () => model.engine }
    this.#outputs = outputs
    this.#outputLosses = outputs.map(({ name, loss }) =>
      outputs.length > 1 && loss !== undefined ? mean({ name: `${name}_loss` }) : undefined,
    )
    this.#compiled = [
      ...[this.#loss, ...this.#outputLosses].flatMap((metric) =>
        metric ? [{ metric, name: metric.name }] : [],
      ),
      ...outputs.flatMap(({ metrics }) => metrics),
    ]
    this.weights = model.trainableWeights
    this.#steps = {
      train: this.#compile('train'),
      test: this.#compile('test'),
    }
    const update = compileWork((grads: Tensors) => this.#updateWork(grads), on)
    this.#exchanged = learning.exchange && new ExchangedUpdate(learning.exchange, update, on.engine)
    this.#read = compile((_variables: number, kind: StepKind) => {
      const { metrics, own } = this.#reportOf(kind)
      const results = [
        ...metrics.filter(({ metric }) => !isCollecting(metric)).map(({ metric }) => metric.result()),
        ...[...own.values()].map((variable) => variable.value),
      ]
      this.#sizes = results.map(({ size }) => size)
      return concat(results.map((result) => result.reshape([result.size])))
    }, on)
    this.#reset = compile((_variables: number) => {
      for (const { metric } of this.#tracked) if (!isCollecting(metric)) metric.reset()
    }, on)
  }

  #compile(kind: StepKind): Step {
    return compileWork(
      ({ x, y, weights, trees }: Batch) =>
        within(
          (portion) => this.#whileActive(kind, portion),
          this.#step(kind, new StepBatch(x, y, weights, trees)),
        ),
      { engine: () => this.#model.engine },
    )
  }

  /**
   * What a step does with gradients of what `optimizer.scaleLoss` makes of the loss: changes them as `compile` says, and
   * updates the weights, or leaves them to be exchanged.
   */
  *learnWork(batch: StepBatch, grads: Tensors): Work<void> {
    const { weights } = this
    const { optimizer, gradients, exchange } = this.#learning
    if (gradients === undefined && exchange === undefined) {
      yield* optimizer.applyWork(grads, weights)
      return
    }
    const context = { variables: weights, batchSize: batch.size }
    const changed = changedGradients(grads, optimizer, gradients, context)
    this.#learned.set(batch, changed)
    if (exchange === undefined)
      yield* optimizer.applyWork(scaledGradients(changed, optimizer, weights), weights)
  }

  /** The update of a step whose gradients were exchanged. */
  *#updateWork(grads: Tensors): Work<void> {
    const { optimizer } = this.#learning
    const watching = new WatchingScope()
    yield* within(
      (portion) => withScope(watching, () => withGenerator(this.#model.seedGenerator, portion)),
      optimizer.applyWork(scaledGradients(grads, optimizer, this.weights), this.weights),
    )
    this.#constrain(watching)
  }

  /** Makes of each weight that a step has assigned what its constraint wants it to be. */
  #constrain({ assigned }: WatchingScope): void {
    for (const [weight, constraint] of this.#model.constraints) {
      if (assigned.has(weight)) weight.assign(constraint.apply(weight.value))
    }
  }

  /** The gradients of a step's trace that are to be exchanged. @throws StateError where the hooks of `compile` were passed by. */
  #gradientsOf(batch: StepBatch): Tensors {
    const { gradients, exchange } = this.#learning
    if (gradients === undefined && exchange === undefined) return []
    const learned = this.#learned.get(batch)
    if (learned !== undefined) return exchange === undefined ? [] : learned.map((g) => cast(g, 'float32'))
    throw new StateError({
      where: `compile: ${exchange === undefined ? 'gradients' : 'exchange'}`,
      expected: "a model that is trained by the library's trainStep",
      received: `'${this.#model.name}', whose own trainStep updates the weights itself`,
      fix: 'Change the gradients in trainStep, or let it call super.trainStep(batch).',
    })
  }

  *#step(kind: StepKind, batch: StepBatch): Work<Tensors> {
    const model = this.#model
    const watching = new WatchingScope()
    const collected: Collected = []
    const penalties: Tensor[] = []
    const logs = yield* within(
      (portion) =>
        withScope(watching, () =>
          whileCollecting(collected, () =>
            gatherActivityPenalties(penalties, () => withGenerator(model.seedGenerator, portion)),
          ),
        ),
      model.stepWork(kind, batch),
    )
    if (kind === 'train') this.#constrain(watching)
    const exchanged = kind === 'train' ? this.#gradientsOf(batch) : []
    const collecting = collected.map(([metric]) => metric)
    this.#note(kind, logs ?? {}, watching.assigned, collecting)
    return [...exchanged, ...collected.map(([, rows]) => rows)]
  }

  /** The steps that hooks of the model find, for as long as `body` runs. */
  #whileActive<T>(kind: StepKind, body: () => T): T {
    const outer = active.get(this.#model)
    const tracing = this.#tracing
    active.set(this.#model, this)
    this.#tracing = kind
    try {
      return body()
    } finally {
      this.#tracing = tracing
      if (outer === undefined) active.delete(this.#model)
      else active.set(this.#model, outer)
    }
  }

  /** Keeps what a step has returned, and which metrics it has updated. */
  #note(
    kind: StepKind,
    logs: StepLogs,
    assigned: ReadonlySet<Variable>,
    collecting: readonly CollectingMetric[],
  ): void {
    const known = this.#reports[kind]?.own
    const own = new Map(
      Object.entries(logs).map(([name, value]): [string, Variable] => {
        const variable = known?.get(name) ?? scalarVariable(name)
        variable.assign(asScalar(name, value))
        return [name, variable]
      }),
    )
    const isUpdated = (metric: Metric) =>
      metric.variables.some((variable) => assigned.has(variable)) ||
      collecting.some((other) => other === metric)
    const metrics = this.#tracked.filter(({ metric, name }) => !own.has(name) && isUpdated(metric))
    this.#reports[kind] = { metrics, own, collecting }
  }

  /** Metrics of `compile`, and those of the model's own. */
  get #tracked(): Report['metrics'] {
    const names = new Map(this.#compiled.map(({ metric, name }) => [metric, name]))
    for (const metric of this.#model.metrics) {
      if (!names.has(metric)) names.set(metric, metric.name)
    }
    return [...names].map(([metric, name]) => ({ metric, name }))
  }

  /** Before a step was traced, what there is to log is what the model's own steps track. */
  #reportOf(kind: StepKind): Report {
    return this.#reports[kind] ?? { metrics: this.#compiled, own: new Map(), collecting: [] }
  }

  train(batch: Batch): Promise<void> {
    return this.run('train', batch)
  }

  test(batch: Batch): Promise<void> {
    return this.run('test', batch)
  }

  async run(kind: StepKind, batch: Batch): Promise<void> {
    this.#last = kind
    const results = await this.#steps[kind](batch)
    const count = kind === 'train' && this.#exchanged !== undefined ? this.weights.length : 0
    if (count > 0) {
      const context = { variables: this.weights, batchSize: countOf(batch) }
      await this.#exchanged?.run(results.slice(0, count), context)
    }
    const rows = results.slice(count)
    if (rows.length === 0) return
    const { collecting } = this.#reportOf(kind)
    for (const [i, metric] of collecting.entries()) metric.keep(rows[i] as Tensor)
  }

  /** Names of the logs, in the order in which `logs` gives them; none where only a model's own steps will tell. */
  get names(): string[] {
    if (this.#model.hasOwnSteps) return []
    return this.#compiled.map(({ name }) => name)
  }

  /**
   * Means since the last reset, and what the model's own steps have returned. A metric that gives several
   * numbers has them as `name_0`, `name_1`, …
   */
  async logs(): Promise<Record<string, number>> {
    const { metrics, own } = this.#reportOf(this.#last)
    const kept = new Map<string, number>()
    for (const { metric, name } of metrics) {
      if (isCollecting(metric)) kept.set(name, await metric.result().item())
    }
    const names = [...metrics.map(({ name }) => name), ...own.keys()]
    if (names.length === 0) return {}
    const values =
      names.length === kept.size ? [] : await (await this.#read(this.#variables, this.#last)).data()
    let at = 0
    let read = 0
    const entries = names.flatMap((name): [string, number][] => {
      const known = kept.get(name)
      if (known !== undefined) return [[name, known]]
      const size = this.#sizes[read++] as number
      return Array.from({ length: size }, (_, k): [string, number] => [
        size === 1 ? name : `${name}_${k}`,
        Number(values[at++]),
      ])
    })
    return Object.fromEntries(entries)
  }

  reset(): Promise<void> {
    for (const { metric } of this.#tracked) if (isCollecting(metric)) metric.reset()
    return this.#reset(this.#variables)
  }

  /** What losses and metrics have gathered, by name. */
  get gathered(): Record<string, Tensor> {
    const named = this.#tracked.flatMap(({ metric }, i) => {
      const kept = isCollecting(metric) ? metric.rows : undefined
      return [
        ...metric.variables.map((variable) => [`${i}/${variable.name}`, variable.value] as const),
        ...(kept === undefined ? [] : [[`${i}/${(metric as CollectingMetric).rowsName}`, kept] as const]),
      ]
    })
    return Object.fromEntries(named)
  }

  /** Goes on with what others have gathered in an epoch that was interrupted. */
  restore(gathered: Readonly<Record<string, Tensor>>): void {
    const entries = Object.entries(gathered)
    this.#tracked.forEach(({ metric }, i) => {
      const own = entries.filter(([name]) => name.startsWith(`${i}/`))
      metric.restore(new Map(own.map(([name, value]) => [name.slice(name.indexOf('/') + 1), value])))
    })
  }

  get #variables(): number {
    const { own } = this.#reportOf(this.#last)
    return this.#tracked.reduce((sum, { metric }) => sum + metric.variables.length, own.size)
  }

  /** Whether the step that is being traced trains. */
  get isTraining(): boolean {
    return this.#tracing === 'train'
  }

  /** The metrics of `compile`, the mean of the loss before them. */
  get compiledMetrics(): readonly Metric[] {
    return this.#compiled.map(({ metric }) => metric)
  }

  /** Takes a batch's loss into account: a mean over samples, so that a smaller last batch counts for less. */
  trackLoss(loss: Tensor, samples: number): void {
    this.#loss.updateState(loss, samplesOf(samples))
  }

  /** Takes a batch into account for the metrics of `compile` and the losses of several outputs. */
  updateMetrics(predictions: Tensors, y: Tensors, weights: Tensors): void {
    this.#outputs.forEach((output, i) => {
      if (y[i] === undefined) return
      const tracker = this.#outputLosses[i]
      const loss =
        tracker === undefined
          ? undefined
          : lossOf(output, predictions, y, weights, i, { training: this.isTraining })
      if (loss !== undefined) tracker?.updateState(loss, samplesOf(y[0]?.shape[0] ?? 1))
      for (const { metric, isWeighted } of output.metrics)
        updateMetric(metric, y[i], predictions[i] as Tensor, isWeighted ? weights[i] : undefined)
    })
  }
}

const isCollecting = (metric: Metric): metric is CollectingMetric => metric instanceof CollectingMetric

const samplesOf = (samples: number): Tensor => constant([samples], [], 'float32')

/** A number that a step's trace assigns; it begins as memory. */
const scalarVariable = (name: string): Variable =>
  withScope(
    undefined,
    () =>
      new Variable(fromData(new Float32Array(1), [], 'float32'), {
        name: `logs/${name}`,
        trainable: false,
      }),
  )

function asScalar(name: string, value: Tensor): Tensor {
  if (value.size === 1) return value.cast('float32').reshape([])
  throw new ShapeError({
    where: `trainStep: '${name}'`,
    expected: 'scalars to log',
    received: `shape ${formatShape(value.shape)}`,
    fix: 'Reduce it first, with mean() or sum().',
  })
}
