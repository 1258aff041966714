import { StateError } from '../base/errors.ts'
import { checked, checkOptions } from '../base/options.ts'
import { flat, packed } from '../base/structured.ts'
import { asWork, complete, type Work } from '../base/work.ts'
import type { Logs } from '../callbacks/callback.ts'
import type { History } from '../callbacks/history.ts'
import type { Engine } from '../engine/engine.ts'
import { takeActivityPenalties } from '../layers/base/activity.ts'
import { fieldValues } from '../layers/base/fields.ts'
import type { Outputs } from '../layers/base/symbolic.ts'
import { Metric } from '../metrics/index.ts'
import { type AnyModel, Model, type Predicted, type Prediction } from '../models/model.ts'
import { withMethods } from '../models/with-methods.ts'
import type { Optimizer } from '../optimizers/index.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Compiled, type CompileOptions } from './compile-options.ts'
import { evaluate } from './evaluate.ts'
import { fit } from './fit.ts'
import {
  type BatchStream,
  type Data,
  type EvaluateOptions,
  type FitOptions,
  type OnBatchOptions,
  onBatchChecks,
  type PredictOptions,
  predictChecks,
  type SampleStream,
  type StreamedBatch,
} from './fit-options.ts'
import { batchLogs, predictOnBatch } from './on-batch.ts'
import { predict } from './predict.ts'
import { asList, type StepBatch, type StepLogs, type StepOutputs } from './step-batch.ts'
import { activeStepFunctions, type StepKind, stepFunctionsOf } from './step-functions.ts'
import { testWork, trainWork } from './step-work.ts'
import { totalLoss } from './total-loss.ts'

declare module '../models/model.ts' {
  /** How a model is compiled, trained, evaluated and asked for predictions. */
  interface Model<out P extends Prediction = Predicted> {
    /**
     * What is trained and evaluated on, of what was handed in: all samples in memory, or a batch of a stream. Override it
     * where inputs follow from labels, as what a decoder reads does. Not for models with steps of their own, which are given
     * data as it is.
     *
     * @param where the method that errors name, such as `fit`.
     */
    prepareData(where: string, data: StreamedBatch): StreamedBatch | Promise<StreamedBatch>
    /** What the model gathers: metrics in its fields, and within its steps those of `compile` before them. */
    get metrics(): readonly Metric[]
    /** Whether the class has steps of its own in the place of this one's. */
    get hasOwnSteps(): boolean
    /**
     * One step of training. Override it to train in your own way: it is traced and compiled as this one is, once
     * for each shape of batch, so that it must not look at values. Metrics in the model's fields that it updates
     * are logged and begin anew in each epoch; scalars that it returns are logged as they are.
     *
     * @example
     * class Weighted extends Functional {
     *   override trainStep({ x, y }: StepBatch) {
     *     const { value: loss, grads } = valueAndGrad(() => {
     *       const yPred = this.apply(x, { training: true })
     *       return this.computeLoss({ y, yPred }).add(yPred.square().mean().mul(0.1))
     *     }, this.trainableWeights)
     *     this.optimizer.apply(grads, this.trainableWeights)
     *     return { loss }
     *   }
     * }
     */
    // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
    trainStep(batch: StepBatch): StepLogs | void
    /** One step of evaluation: what `trainStep` is to training. */
    // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
    testStep(batch: StepBatch): StepLogs | void
    /** A step as work that may be interrupted: one piece where the class has its own. */
    // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
    stepWork(kind: StepKind, batch: StepBatch): Work<StepLogs | void>
    /** What `predict` computes for a batch. Traced. */
    predictStep(x: Outputs): Prediction
    /** `predictStep` as work that may be interrupted: one piece where the class has its own. */
    predictWork(x: Outputs): Work<Outputs>
    /**
     * The loss of `compile`, with the costs of regularized weights and activities. Traceable.
     *
     * @returns a scalar.
     * @throws StateError if the model was compiled without a loss and nothing is regularized.
     */
    computeLoss(outputs: StepOutputs): Tensor
    /** Updates the metrics of `compile`. To be called in steps of your own, which then log them. */
    // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
    computeMetrics(outputs: StepOutputs): StepLogs | void
    /**
     * Says how the model learns and is evaluated. Training starts with a fresh optimizer.
     *
     * @throws UnknownNameError for a name that the catalogue does not have, with the nearest one that it has.
     * @example
     * model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
     */
    compile(options: CompileOptions): void
    /**
     * Chooses the engine on which the model is trained, judged and asked for predictions, from the next batch on. Its
     * weights are copied there when they are first needed; values are readable everywhere. Two models on two engines
     * run at the same time.
     *
     * @param engine undefined for the default engine.
     * @returns the model.
     * @example
     * const second = await createEngine()
     * await Promise.all([a.fit(x, y), b.to(second).fit(x, y)])
     */
    to(engine: Engine | undefined): this
    /** The engine that `to` has chosen; undefined for the default one. */
    get engine(): Engine | undefined
    /** What `compile` has made. @throws StateError before it. */
    compiled(where: string): Compiled
    get isCompiled(): boolean
    /** The optimizer of the last `compile`. @throws StateError before it. */
    get optimizer(): Optimizer
    /**
     * Trains the model on samples, for a number of epochs.
     *
     * @param x samples of the input: tensor, typed array (its rows follow from the model's input shape),
     * nested arrays, a list of these for several inputs, or an object of them by the inputs' names; or a stream of
     * `[x, y]` batches.
     * @param y labels, in the same forms (names are those of the outputs); absent for a stream, null for a model whose own `trainStep` needs none.
     * @returns the logs of every epoch.
     * @throws StateError before `compile`; DataError, ShapeError and ArgumentError for data that does not fit,
     * before anything is trained.
     * @example
     * const history = await model.fit(x, y, { epochs: 10, batchSize: 128, validationSplit: 0.1 })
     * history.history.loss // [0.61, 0.34, …]
     */
    fit(x: BatchStream, options?: FitOptions): Promise<History>
    fit(x: Data, y: Data | null, options?: FitOptions): Promise<History>
    /**
     * Loss and metrics on samples that the model does not learn from.
     *
     * @returns the values by name: `loss`, then the metrics.
     */
    evaluate(x: BatchStream, options?: EvaluateOptions): Promise<Logs>
    evaluate(x: Data, y: Data | null, options?: EvaluateOptions): Promise<Logs>
    /**
     * The model's outputs for samples, batch by batch. Needs no `compile`.
     *
     * @param x samples as `fit` takes them, or a stream of batches: a `Dataset`, an asynchronous iterable, a
     * generator or the function that makes one.
     * @returns a tensor with a row for each sample; a list of tensors where the model was made with a list of
     * outputs, an object of them where it was made with outputs by name.
     * @throws DataError and ArgumentError for samples that do not fit, before anything runs (of a stream: before
     * the batch runs); ShapeError for a stream whose outputs differ in shape.
     * @example
     * const probabilities = await model.predict(x)
     * const streamed = await model.predict(dataset.batch(64))
     */
    predict(x: Data | SampleStream, options?: PredictOptions): Promise<P>
    /** One step of training on one batch. @returns the batch's loss and metrics. */
    trainOnBatch(x: Data, y: Data | null, options?: OnBatchOptions): Promise<Logs>
    /** Loss and metrics of one batch. */
    testOnBatch(x: Data, y: Data | null, options?: OnBatchOptions): Promise<Logs>
    /** The outputs for one batch, in a single run. */
    predictOnBatch(x: Data): Promise<P>
  }
}

/** What `compile` has made of each model. */
const compiledModels = new WeakMap<AnyModel, Compiled>()

/** The engines that models were given. */
const engines = new WeakMap<AnyModel, Engine>()

/** The type parameter of a model says how many outputs there are. */
const prediction = (model: AnyModel, outputs: readonly Tensor[]): Prediction =>
  packed(model.outputStructure, outputs)

const own = Model.prototype

withMethods(Model, {
  get metrics() {
    const fields = fieldValues(this).filter((value) => value instanceof Metric)
    return [...(activeStepFunctions(this)?.compiledMetrics ?? []), ...fields]
  },
  get hasOwnSteps(): boolean {
    return (
      this.trainStep !== own.trainStep ||
      this.testStep !== own.testStep ||
      this.computeLoss !== own.computeLoss ||
      this.computeMetrics !== own.computeMetrics
    )
  },
  prepareData(_where, data) {
    return data
  },
  trainStep(batch) {
    return complete(trainWork(this, batch))
  },
  testStep(batch) {
    return complete(testWork(this, batch))
  },
  stepWork(kind, batch) {
    if (kind === 'train')
      return this.trainStep === own.trainStep ? trainWork(this, batch) : asWork(() => this.trainStep(batch))
    return this.testStep === own.testStep ? testWork(this, batch) : asWork(() => this.testStep(batch))
  },
  predictStep(x) {
    return this.apply(x, { training: false })
  },
  predictWork(x) {
    return this.predictStep === own.predictStep
      ? this.applyWork(x, { training: false })
      : asWork(() => flat(this.predictStep(x)))
  },
  computeLoss({ y, yPred, sampleWeight, training }) {
    const penalties = [...takeActivityPenalties(), ...this.penalties]
    const terms = this.compiled('computeLoss').lossTerms()
    const context = { training: training ?? activeStepFunctions(this)?.isTraining ?? false }
    return totalLoss(terms, asList(yPred), asList(y), asList(sampleWeight), penalties, context)
  },
  /** Within the model's steps, those of the weights that the steps train. */
  get penalties() {
    return this.penaltiesOf(activeStepFunctions(this)?.weights ?? this.trainableWeights)
  },
  computeMetrics({ y, yPred, sampleWeight }) {
    stepFunctionsOf(this, 'computeMetrics').updateMetrics(asList(yPred), asList(y), asList(sampleWeight))
  },
  to(engine) {
    if (engine === undefined) engines.delete(this)
    else engines.set(this, engine)
    return this
  },
  get engine() {
    return engines.get(this)
  },
  compile(options) {
    compiledModels.set(this, new Compiled(this, options))
  },
  compiled(where) {
    const compiled = compiledModels.get(this)
    if (compiled !== undefined) return compiled
    throw new StateError({
      where,
      expected: 'a compiled model',
      received: `${this.className} '${this.name}', which is not`,
      fix: "Call model.compile({ optimizer: 'adam', loss: 'meanSquaredError' }) first.",
    })
  },
  get isCompiled() {
    return compiledModels.has(this)
  },
  get optimizer() {
    return this.compiled('optimizer').optimizer
  },
  fit(x: Data | BatchStream, y?: Data | FitOptions | null, options?: FitOptions) {
    return fit(this, x, y, options)
  },
  evaluate(x: Data | BatchStream, y?: Data | EvaluateOptions | null, options?: EvaluateOptions) {
    return evaluate(this, x, y, options)
  },
  async predict(x, options = {}) {
    return prediction(this, await predict(this, x, checked('predict', options, predictChecks)))
  },
  // Each of these two checks before it returns its promise.
  trainOnBatch(x, y, options = {}) {
    checkOptions('trainOnBatch', options, onBatchChecks)
    return batchLogs(this, 'train', x, y, options.sampleWeight)
  },
  testOnBatch(x, y, options = {}) {
    checkOptions('testOnBatch', options, onBatchChecks)
    return batchLogs(this, 'test', x, y, options.sampleWeight)
  },
  async predictOnBatch(x) {
    return prediction(this, await predictOnBatch(this, x))
  },
})
