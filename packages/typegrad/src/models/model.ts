import type { DType } from '../base/dtype.ts'
import { ArgumentError, StateError } from '../base/errors.ts'
import type { Logs, TrainedModel, TrainingState } from '../callbacks/callback.ts'
import type { History } from '../callbacks/history.ts'
import { Layer } from '../layers/layer.ts'
import type { Outputs, SymbolicShape } from '../layers/symbolic.ts'
import type { Optimizer } from '../optimizers/index.ts'
import { currentGenerator, type Generator } from '../random/generator.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Compiled, type CompileOptions } from './compile-options.ts'
import { evaluate } from './evaluate.ts'
import { type ExportOptions, exportOnnx } from './export-onnx.ts'
import { fit } from './fit.ts'
import type {
  BatchStream,
  Data,
  EvaluateOptions,
  FitOptions,
  PredictOptions,
  SampleWeights,
} from './fit-options.ts'
import { batchLogs, predictOnBatch } from './on-batch.ts'
import { predict } from './predict.ts'
import type { Port } from './samples.ts'
import {
  deleteFolder,
  loadTrainingState,
  loadWeightsFrom,
  saveModel,
  saveModelTo,
  saveWeightsTo,
} from './save.ts'
import { type SummaryOptions, summary } from './summary.ts'

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

/** What a model predicts: a tensor, or a list where it was made with a list of outputs. */
export type Prediction = Tensor | readonly Tensor[]

/** A model of whatever outputs. */
export type AnyModel = Model<Prediction>

/** Layers that are trained, judged and saved together. Made by {@link sequential} and {@link model}. */
export abstract class Model<out P extends Prediction = Tensor>
  extends Layer<Outputs>
  implements TrainedModel
{
  /** Set by a callback to end the training after the current batch. */
  stopTraining = false
  /** Random numbers of this model's training, of dropout and shuffling: no other model disturbs them. */
  readonly generator: Generator = currentGenerator().spawn()
  #compiled: Compiled | undefined

  /** The model's inputs, as far as they are known before it is built. */
  abstract get modelInputs(): readonly ModelInput[]
  /** The model's outputs; empty before it is built. */
  abstract get modelOutputs(): readonly Port[]
  override get inputDType(): DType {
    return this.modelInputs[0]?.dtype ?? this.dtype
  }

  /** The layers that take an input of the model as it comes. */
  abstract readersOf(input: number): readonly Reader[]
  /** Whether predictions are a list, as the outputs were when the model was made. */
  protected get listsOutputs(): boolean {
    return false
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
   * nested arrays, a list of these for several inputs; or a stream of `[x, y]` batches.
   * @param y labels, in the same forms; absent for a stream.
   * @returns the logs of every epoch.
   * @throws StateError before `compile`; DataError, ShapeError and ArgumentError for data that does not fit,
   * before anything is trained.
   * @example
   * const history = await model.fit(x, y, { epochs: 10, batchSize: 128, validationSplit: 0.1 })
   * history.history.loss // [0.61, 0.34, …]
   */
  fit(x: BatchStream, options?: FitOptions): Promise<History>
  fit(x: Data, y: Data, options?: FitOptions): Promise<History>
  fit(x: Data | BatchStream, y?: Data | FitOptions, options?: FitOptions): Promise<History> {
    return fit(this, x, y, options)
  }

  /**
   * Loss and metrics on samples that the model does not learn from.
   *
   * @returns the values by name: `loss`, then the metrics.
   */
  evaluate(x: BatchStream, options?: EvaluateOptions): Promise<Logs>
  evaluate(x: Data, y: Data, options?: EvaluateOptions): Promise<Logs>
  evaluate(x: Data | BatchStream, y?: Data | EvaluateOptions, options?: EvaluateOptions): Promise<Logs> {
    return evaluate(this, x, y, options)
  }

  /**
   * The model's outputs for samples, batch by batch. Needs no `compile`.
   *
   * @returns a tensor with a row for each sample; a list of tensors where the model was made with a list of
   * outputs.
   * @throws DataError and ArgumentError for samples that do not fit, before anything runs.
   */
  async predict(x: Data, options: PredictOptions = {}): Promise<P> {
    return this.#prediction(await predict(this, x, options))
  }

  /** The type parameter says how many outputs there are. */
  #prediction(outputs: readonly Tensor[]): P {
    return (this.listsOutputs ? outputs : outputs[0]) as P
  }

  /** One step of training on one batch. @returns the batch's loss and metrics. */
  trainOnBatch(x: Data, y: Data, options: { readonly sampleWeight?: SampleWeights } = {}): Promise<Logs> {
    return batchLogs(this, 'train', x, y, options.sampleWeight)
  }

  /** Loss and metrics of one batch. */
  testOnBatch(x: Data, y: Data, options: { readonly sampleWeight?: SampleWeights } = {}): Promise<Logs> {
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

  /** The layer of this name. @throws ArgumentError naming the layers that there are. */
  getLayer(name: string): Layer {
    const found = this.sublayers.find((layer) => layer.name === name)
    if (found !== undefined) return found
    throw new ArgumentError({
      where: 'getLayer',
      expected: `one of ${this.sublayers.map((layer) => `'${layer.name}'`).join(', ')}`,
      received: `'${name}'`,
      fix: 'Names stand in model.summary().',
    })
  }

  /** The layers, in the order of the computation. */
  get layers(): readonly Layer[] {
    return this.sublayers
  }

  /**
   * Writes the model into a folder: `config.json`, `model.safetensors`, and the optimizer's state beside
   * them; or, where the path ends in `.keras`, into a file that Keras opens. An older model there stays whole
   * until the new one is.
   */
  save(path: string): Promise<void> {
    return saveModelTo(this, path)
  }

  /** Writes the weights alone, as safetensors. */
  saveWeights(file: string): Promise<void> {
    return saveWeightsTo(this, file)
  }

  /** Reads weights that `saveWeights` wrote. @throws FormatError naming weights that are missing or too many. */
  loadWeights(file: string): Promise<void> {
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
