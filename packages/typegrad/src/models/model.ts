import type { DType } from '../base/dtype.ts'
import { ArgumentError, StateError } from '../base/errors.ts'
import { checked, checkOptions, checkPath } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import { flat, packed, type Structure, type Structured } from '../base/structured.ts'
import { asWork, complete, type Work } from '../base/work.ts'
import type { Logs, TrainedModel, TrainingState } from '../callbacks/callback.ts'
import type { History } from '../callbacks/history.ts'
import type { HostArray } from '../data/host-array.ts'
import { takeActivityPenalties } from '../layers/activity.ts'
import type { CallOptions } from '../layers/call-options.ts'
import { fieldValues } from '../layers/fields.ts'
import { type WeightValues, withGivenValues } from '../layers/given-values.ts'
import { type CallContext, type CallResult, isShapeList, Layer } from '../layers/layer.ts'
import type { LayerGraph, LayerNode } from '../layers/layer-graph.ts'
import type { Outputs, SymbolicShape, SymbolicTensor } from '../layers/symbolic.ts'
import { noteTrainableChange } from '../layers/trainable-changes.ts'
import { placesWhere, type WeightFilter } from '../layers/weight-paths.ts'
import { Metric } from '../metrics/index.ts'
import { Optimizer } from '../optimizers/index.ts'
import { currentGenerator, type Generator } from '../random/generator.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Compiled, type CompileOptions } from './compile-options.ts'
import { evaluate } from './evaluate.ts'
import { type ExportOptions, exportOnnx } from './export-onnx.ts'
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
} from './fit-options.ts'
import { batchLogs, predictOnBatch } from './on-batch.ts'
import { predict } from './predict.ts'
import type { Port } from './samples.ts'
import {
  deleteFolder,
  loadTrainingState,
  loadWeightsFrom,
  type SaveWeightsOptions,
  saveModel,
  saveModelTo,
  saveWeightsChecks,
  saveWeightsTo,
} from './save.ts'
import { asList, type StepBatch, type StepLogs, type StepOutputs } from './step-batch.ts'
import { testWork, trainWork } from './step-work.ts'
import { activeSteps, type StepKind, stepsOf } from './steps.ts'
import { type SummaryOptions, summary } from './summary.ts'
import { totalLoss } from './total-loss.ts'

/** An input of a model: its name, shape (with the batch in front) and dtype. */
export interface ModelInput extends Port {
  readonly shape: SymbolicShape | undefined
  readonly dtype: DType
}

/** A layer that takes an input of a model, and which of the layer's own inputs that is. */
export interface Reader {
  readonly layer: Layer
  readonly index: number
}

/** What a model predicts: a tensor, or a list or an object of them where it was made with such outputs. */
export type Prediction = Structured<Tensor>

/**
 * What a model predicts unless its type says otherwise. A model whose outputs are not float32 (positions, half
 * precision) is a `Model<Tensor>`.
 */
export type Predicted = Tensor<Shape, 'float32'>

/** A model of whatever outputs. */
export type AnyModel = Model<Prediction>

/**
 * Layers that are trained, judged and saved together. Made by {@link sequential} and {@link model}, or a class of
 * your own: one with a `call`, whose layers stand in its fields, one that extends `Functional`, or one that has
 * several models and says in `trainStep` how they learn.
 *
 * @example
 * class Autoencoder extends Model {
 *   readonly className = 'Autoencoder'
 *   readonly encoder = layers.dense({ units: 8, activation: 'relu' })
 *   readonly decoder = layers.dense({ units: 64 })
 *   override call(x: Tensor) { return this.decoder.apply(this.encoder.apply(x)) }
 * }
 */
export abstract class Model<out P extends Prediction = Predicted>
  extends Layer<Outputs, P>
  implements TrainedModel
{
  /** Set by a callback to end the training after the current batch. */
  stopTraining = false
  /** Random numbers of this model's training, of dropout and shuffling: no other model disturbs them. */
  readonly seedGenerator: Generator = currentGenerator().spawn()
  #compiled: Compiled | undefined
  #outputs: readonly Port[] = []

  /** The model's inputs, as far as they are known before it is built. */
  get modelInputs(): readonly ModelInput[] {
    const shapes = this.builtFor ?? (this.inputShape && [null, ...this.inputShape])
    if (shapes === undefined) return []
    const list = (isShapeList(shapes) ? shapes : [shapes]) as readonly SymbolicShape[]
    return list.map((shape, i) => ({
      name: list.length === 1 ? 'input' : `input_${i}`,
      shape,
      dtype: this.dtype,
    }))
  }
  /** The model's outputs; empty before it is built. */
  get modelOutputs(): readonly Port[] {
    return this.#outputs
  }
  override get inputDType(): DType {
    return this.modelInputs[0]?.dtype ?? this.dtype
  }

  /**
   * The places of a functional or sequential model where it begins and ends, for models made of its parts.
   *
   * @throws StateError for a model that is not built, or is a class with a `call`.
   * @example
   * const features = model({ inputs: whole.inputs, outputs: whole.getLayer('pooled').output })
   */
  get inputs(): readonly SymbolicTensor[] {
    throw this.#placeless('inputs')
  }
  get outputs(): readonly SymbolicTensor[] {
    throw this.#placeless('outputs')
  }

  #placeless(where: string): StateError {
    return new StateError({
      where: `${this.name}.${where}`,
      expected: 'a functional model, or a sequential one that knows its input shape',
      received: this.toString(),
      fix: 'Give its first layer an inputShape, or begin with input({ shape }).',
    })
  }

  /** The layers that take an input of the model as it comes. */
  readersOf(_input: number): readonly Reader[] {
    return []
  }

  /** What the layers say of it that take the input as it comes. */
  override checkInput(where: string, data: HostArray, input: number): Promise<unknown> | undefined {
    const looking = this.readersOf(input).map(({ layer, index }) => layer.checkInput(where, data, index))
    return looking.some((one) => one !== undefined) ? Promise.all(looking) : undefined
  }

  /** What predictions are: as the outputs were when the model was made. */
  get outputStructure(): Structure {
    return this.#outputs.length > 1 ? 'list' : 'one'
  }

  /** Builds the layers by tracing `call` on placeholders. Override it for weights of the model's own. */
  override build(inputShape: SymbolicShape | readonly SymbolicShape[]): void {
    this.#outputs = [{ name: 'output', shape: undefined }]
    if (this.call === Model.prototype.call) return
    const listed = isShapeList(inputShape)
    const shapes = (listed ? inputShape : [inputShape]) as readonly SymbolicShape[]
    const specs = this.outputSpecs(
      shapes.map((shape) => ({ shape, dtype: this.dtype })),
      listed,
    )
    this.#outputs = specs.map(({ shape }, i) => ({
      name: specs.length === 1 ? 'output' : `output_${i}`,
      shape,
    }))
  }

  /** @throws StateError: a model that is only trained, by a `trainStep`, need not have one. */
  override call(_inputs: Outputs, _context: CallContext): CallResult<P> {
    throw new StateError({
      where: this.name,
      expected: 'a class with a call',
      received: `${this.className}, which has none`,
      fix: 'Write call(x, { training }), which computes the outputs.',
    })
  }

  /** What the model gathers: metrics in its fields, and within its steps those of `compile` before them. */
  get metrics(): readonly Metric[] {
    const own = fieldValues(this).filter((value) => value instanceof Metric)
    return [...(activeSteps(this)?.compiledMetrics ?? []), ...own]
  }

  /**
   * Optimizers in the model's fields, beside that of `compile`: their state is saved with the model's. One that is
   * not built yet (`optimizer.build(weights)`) has none, so build it in the constructor if trainings shall resume.
   */
  get ownOptimizers(): readonly Optimizer[] {
    return fieldValues(this).filter((value) => value instanceof Optimizer)
  }

  /** Whether the class has steps of its own in the place of this one's. */
  get hasOwnSteps(): boolean {
    const own = Model.prototype
    return (
      this.trainStep !== own.trainStep ||
      this.testStep !== own.testStep ||
      this.computeLoss !== own.computeLoss ||
      this.computeMetrics !== own.computeMetrics
    )
  }

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
  trainStep(batch: StepBatch): StepLogs | void {
    return complete(trainWork(this, batch))
  }

  /** One step of evaluation: what `trainStep` is to training. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
  testStep(batch: StepBatch): StepLogs | void {
    return complete(testWork(this, batch))
  }

  /** A step as work that may be interrupted: one piece where the class has its own. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
  stepWork(kind: StepKind, batch: StepBatch): Work<StepLogs | void> {
    const own = Model.prototype
    if (kind === 'train')
      return this.trainStep === own.trainStep ? trainWork(this, batch) : asWork(() => this.trainStep(batch))
    return this.testStep === own.testStep ? testWork(this, batch) : asWork(() => this.testStep(batch))
  }

  /** What `predict` computes for a batch. Traced. */
  predictStep(x: Outputs): Prediction {
    return this.apply(x, { training: false })
  }

  /** `predictStep` as work that may be interrupted: one piece where the class has its own. */
  predictWork(x: Outputs): Work<Outputs> {
    return this.predictStep === Model.prototype.predictStep
      ? this.applyWork(x, { training: false })
      : asWork(() => flat(this.predictStep(x)))
  }

  /**
   * The loss of `compile`, with the costs of regularized weights and activities. Traceable.
   *
   * @returns a scalar.
   * @throws StateError if the model was compiled without a loss and nothing is regularized.
   */
  computeLoss({ y, yPred, sampleWeight, training }: StepOutputs): Tensor {
    const penalties = [...takeActivityPenalties(), ...this.penalties]
    const terms = this.compiled('computeLoss').lossTerms()
    const context = { training: training ?? activeSteps(this)?.isTraining ?? false }
    return totalLoss(terms, asList(yPred), asList(y), asList(sampleWeight), penalties, context)
  }

  /** Within the model's steps, those of the weights that the steps train. */
  override get penalties(): Tensor[] {
    return this.penaltiesOf(activeSteps(this)?.weights ?? this.trainableWeights)
  }

  /** Updates the metrics of `compile`. To be called in steps of your own, which then log them. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
  computeMetrics({ y, yPred, sampleWeight }: StepOutputs): StepLogs | void {
    stepsOf(this, 'computeMetrics').judge(asList(yPred), asList(y), asList(sampleWeight))
  }

  /**
   * Says how the model learns and is judged. Training starts with a fresh optimizer.
   *
   * @throws UnknownNameError for a name that the catalogue does not have, with the nearest one that it has.
   * @example
   * model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
   */
  compile(options: CompileOptions): void {
    this.#compiled = new Compiled(this, options)
  }

  /** What `compile` has made. @throws StateError before it. */
  compiled(where: string): Compiled {
    if (this.#compiled !== undefined) return this.#compiled
    throw new StateError({
      where,
      expected: 'a compiled model',
      received: `${this.className} '${this.name}', which is not`,
      fix: "Call model.compile({ optimizer: 'adam', loss: 'meanSquaredError' }) first.",
    })
  }

  get isCompiled(): boolean {
    return this.#compiled !== undefined
  }

  /** The optimizer of the last `compile`. @throws StateError before it. */
  get optimizer(): Optimizer {
    return this.compiled('optimizer').optimizer
  }

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
  fit(x: Data | BatchStream, y?: Data | FitOptions | null, options?: FitOptions): Promise<History> {
    return fit(this, x, y, options)
  }

  /**
   * Loss and metrics on samples that the model does not learn from.
   *
   * @returns the values by name: `loss`, then the metrics.
   */
  evaluate(x: BatchStream, options?: EvaluateOptions): Promise<Logs>
  evaluate(x: Data, y: Data | null, options?: EvaluateOptions): Promise<Logs>
  evaluate(
    x: Data | BatchStream,
    y?: Data | EvaluateOptions | null,
    options?: EvaluateOptions,
  ): Promise<Logs> {
    return evaluate(this, x, y, options)
  }

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
  async predict(x: Data | SampleStream, options: PredictOptions = {}): Promise<P> {
    return this.#prediction(await predict(this, x, checked('predict', options, predictChecks)))
  }

  /** The type parameter says how many outputs there are. */
  #prediction(outputs: readonly Tensor[]): P {
    return packed(this.outputStructure, outputs) as P
  }

  /**
   * Keeps training from changing single weights, wherever they stand within; layers stay as they are. A model that is
   * compiled takes notice with its next `compile`.
   *
   * @param filter as `weightsWhere` takes it. Default: all weights.
   * @throws ArgumentError for a pattern that fits no weight.
   * @example
   * model.freeze('encoder/**')
   */
  freeze(filter: WeightFilter = '**'): void {
    for (const { weight } of placesWhere('freeze', this as unknown as Layer, filter)) weight.trainable = false
    noteTrainableChange()
  }

  /**
   * Lets training change single weights, also in layers that are frozen, whose other weights stay so. Weights that were
   * never made to be trained, such as moving averages, stay as they are.
   *
   * @param filter as `weightsWhere` takes it. Default: all weights.
   * @throws ArgumentError for a pattern that fits no weight.
   * @example
   * model.freeze()
   * model.unfreeze('logits/*')
   */
  unfreeze(filter: WeightFilter = '**'): void {
    for (const { weight, layers } of placesWhere('unfreeze', this as unknown as Layer, filter)) {
      if (!layers.at(-1)?.freezableWeights.includes(weight)) continue
      for (const layer of layers) layer.unfreezeItself()
      weight.trainable = true
    }
    noteTrainableChange()
  }

  /**
   * The weights' values by their paths, for {@link applyWith}.
   *
   * @param filter as `weightsWhere` takes it. Default: all weights.
   */
  weightValues(filter: WeightFilter = '**'): Record<string, Tensor> {
    const places = placesWhere('weightValues', this as unknown as Layer, filter)
    return Object.fromEntries(places.map(({ path, weight }) => [path, weight.value as Tensor]))
  }

  /**
   * `apply` with other values for some of the weights, as PyTorch's `functional_call`: a function of its weights, which
   * `grad`, `compile` and the like take. The weights themselves stay as they are; what the call assigns to a weight that
   * was given (batch normalization's averages in training) is forgotten with it.
   *
   * @param values by the weights' paths, of their shapes and dtypes.
   * @throws StateError for a model that is not built; ArgumentError for a path that no weight has; ShapeError and
   * DTypeError naming the weight.
   * @example
   * const loss = (values: Record<string, Tensor>) => model.applyWith(values, x).sub(y).square().mean()
   * const gradients = grad(loss)(model.weightValues())     // by path
   */
  applyWith(values: WeightValues, inputs: Outputs, options: CallOptions = {}): P {
    if (!this.built) {
      throw new StateError({
        where: `${this.name}.applyWith`,
        expected: 'a model that is built',
        received: 'one that has no weights yet',
        fix: 'Give its first layer an inputShape, or call it once.',
      })
    }
    return withGivenValues(`${this.name}.applyWith`, this.weightPaths, values, () =>
      this.apply(inputs, options),
    )
  }

  /** One step of training on one batch. @returns the batch's loss and metrics. */
  trainOnBatch(x: Data, y: Data | null, options: OnBatchOptions = {}): Promise<Logs> {
    checkOptions('trainOnBatch', options, onBatchChecks)
    return batchLogs(this, 'train', x, y, options.sampleWeight)
  }

  /** Loss and metrics of one batch. */
  testOnBatch(x: Data, y: Data | null, options: OnBatchOptions = {}): Promise<Logs> {
    checkOptions('testOnBatch', options, onBatchChecks)
    return batchLogs(this, 'test', x, y, options.sampleWeight)
  }

  /** The outputs for one batch, in a single run. */
  async predictOnBatch(x: Data): Promise<P> {
    return this.#prediction(await predictOnBatch(this, x))
  }

  /** The layers, their shapes and their parameters as a table; printed, and returned. */
  summary(options: SummaryOptions = {}): string {
    return summary(this, options)
  }

  /**
   * The layer of this name, or at this place among `layers` (a negative one counts from their end).
   *
   * @throws ArgumentError naming the layers that there are.
   * @example
   * model.getLayer('logits').trainable = false
   * model.getLayer(-1)
   */
  getLayer(layer: string | number): Layer {
    const { layers } = this
    const found =
      typeof layer === 'number' ? layers.at(layer) : this.operations.find(({ name }) => name === layer)
    if (found !== undefined && (typeof layer === 'string' || Number.isInteger(layer))) return found
    throw new ArgumentError({
      where: 'getLayer',
      expected:
        typeof layer === 'number'
          ? `a place among the ${layers.length} layers`
          : `one of ${layers.map(({ name }) => `'${name}'`).join(', ')}`,
      received: typeof layer === 'number' ? String(layer) : `'${layer}'`,
      fix: 'Names stand in model.summary().',
    })
  }

  /** The layers and how they hang together. A model that is a class of its own has no edges: only its code knows. */
  graph(): LayerGraph {
    return { nodes: this.layers.map((layer) => nodeOf(layer, [])), inputs: [], outputs: [] }
  }

  /** Tensors that are part of the model without being weights: those of the models in it. */
  get constants(): readonly Tensor[] {
    return this.sublayers.flatMap((layer) => (layer as Partial<Pick<AnyModel, 'constants'>>).constants ?? [])
  }

  /** The layers and, in functional models, what operations on symbolic tensors have put between them. */
  get operations(): readonly Layer[] {
    return this.layers
  }

  /** The layers, in the order of the computation. */
  get layers(): readonly Layer[] {
    return this.sublayers
  }

  /**
   * Writes the model into a folder: `config.json`, `model.safetensors`, and the optimizer's state beside
   * them; or, where the path ends in `.keras` or `.h5`, into a file that Keras opens. An older model there stays whole
   * until the new one is.
   */
  save(path: string): Promise<void> {
    checkPath('save', path)
    return saveModelTo(this, path)
  }

  /**
   * Writes the weights alone, as safetensors; or, where the path ends in `.h5`, as Keras's `save_weights` lays them out
   * in a `.weights.h5` file, which its `load_weights` reads.
   *
   * @throws ArgumentError for a part of the weights in an `.h5` file, and for a pattern that fits no weight.
   * @example
   * await model.saveWeights('adapter.safetensors', { only: 'trainable' })
   */
  saveWeights(file: string, options: SaveWeightsOptions = {}): Promise<void> {
    checkPath('saveWeights', file)
    return saveWeightsTo(this, file, checked('saveWeights', options, saveWeightsChecks))
  }

  /**
   * Reads weights that `saveWeights` wrote, or Keras into an `.h5` file. Of a file that holds a part of the weights all
   * others stay as they are.
   *
   * @throws FormatError naming weights that are missing or too many.
   */
  loadWeights(file: string): Promise<void> {
    checkPath('loadWeights', file)
    return loadWeightsFrom(this, file)
  }

  /** Keeps all that a training needs to go on: weights, optimizer, random numbers, and `state`. */
  saveTrainingState(folder: string, state: TrainingState): Promise<void> {
    return saveModel(this, folder, state)
  }

  /** Puts back what `saveTrainingState` kept; undefined if there is no such folder. */
  loadTrainingState(folder: string): Promise<TrainingState | undefined> {
    return loadTrainingState(this, folder)
  }

  deleteTrainingState(folder: string): Promise<void> {
    return deleteFolder(folder)
  }

  /** The model's prediction as an ONNX model with the weights inside, for any runtime. */
  toOnnx(options: ExportOptions = {}): Promise<Uint8Array> {
    return exportOnnx(this, options)
  }
}

/** A layer in a graph, with the graph within it. */
export const nodeOf = (layer: Layer, inputs: readonly string[]): LayerNode => ({
  name: layer.name,
  layer,
  inputs,
  inner: (layer as unknown) instanceof Model ? (layer as unknown as AnyModel).graph() : undefined,
})
