import type { DType } from '../base/dtype.ts'
import { ArgumentError, StateError } from '../base/errors.ts'
import type { Shape } from '../base/shape.ts'
import type { Structure, Structured } from '../base/structured.ts'
import type { TrainedModel } from '../callbacks/callback.ts'
import type { HostArray } from '../data/host-array.ts'
import type { CallOptions } from '../layers/base/call-options.ts'
import { fieldValues } from '../layers/base/fields.ts'
import { type WeightValues, withGivenValues } from '../layers/base/given-values.ts'
import { type CallContext, type CallResult, isShapeList, Layer } from '../layers/base/layer.ts'
import type { LayerGraph, LayerNode } from '../layers/base/layer-graph.ts'
import { type SymbolicShape, withoutNames } from '../layers/base/sizes.ts'
import { type Outputs, type SymbolicSpec, SymbolicTensor } from '../layers/base/symbolic.ts'
import { TextPlace } from '../layers/base/text-place.ts'
import { noteTrainableChange } from '../layers/base/trainable-changes.ts'
import { placesWhere, type WeightFilter } from '../layers/base/weight-paths.ts'
import { Optimizer } from '../optimizers/index.ts'
import { currentGenerator, type Generator } from '../random/generator.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { HostPrefix } from './host-prefix.ts'
import type { Port } from './port.ts'

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
 * Layers that are trained, evaluated and saved together. Made by {@link sequential} and {@link model}, or a class of
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
  #outputs: readonly Port[] = []

  /** Each input has a dtype of its own, and the layers within cast what they take. */
  override get autocast(): boolean {
    return false
  }

  /** The model's inputs, as far as they are known before it is built. */
  get modelInputs(): readonly ModelInput[] {
    const shapes = this.builtFor ?? (this.inputShape && [null, ...this.inputShape])
    if (shapes === undefined) return []
    const list = isShapeList(shapes) ? shapes : [shapes]
    return list.map((sizes, i) => ({
      name: list.length === 1 ? 'input' : `input_${i}`,
      shape: withoutNames(sizes),
      sizes,
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

  /** What the model does before its graph, where its first layers take strings. */
  get hostPrefix(): HostPrefix | undefined {
    return undefined
  }

  /** Places behind a model whose first layers work on the host are shaped as its own outputs. */
  protected override applySymbolic(
    inputs: readonly SymbolicTensor[],
    listed: boolean,
    options: CallOptions,
  ): SymbolicTensor[] {
    const prefix = this.hostPrefix
    if (prefix === undefined) return super.applySymbolic(inputs, listed, options)
    if (!this.built) this.ensureBuilt((inputs[0] as SymbolicTensor).sizes)
    const isFitting = ({ length }: readonly SymbolicTensor[]): boolean =>
      length === prefix.ports.length &&
      inputs.every((place, i) => place instanceof TextPlace === prefix.isText[i])
    if (!isFitting(inputs)) {
      throw new ArgumentError({
        where: this.name,
        expected: prefix.ports
          .map(({ name }, i) => `${prefix.isText[i] ? 'strings' : 'numbers'} ('${name}')`)
          .join(', '),
        received: inputs.map(String).join(', ') || 'nothing',
      })
    }
    const application = { layer: this, inputs, arity: inputs.length, listed, options }
    const outputs = this.outputs.map(
      ({ sizes, dtype }, i) => new SymbolicTensor(sizes, dtype, application, i),
    )
    this.noteUse(inputs, listed, outputs)
    return outputs
  }

  /** What is given is no tensor, which a trace would need. */
  override outputSpecs(
    inputs: readonly SymbolicSpec[],
    listed = false,
    options: CallOptions = {},
  ): ReturnType<Layer['outputSpecs']> {
    if (this.hostPrefix === undefined) return super.outputSpecs(inputs, listed, options)
    return this.outputs.map(({ shape, sizes, dtype }) => ({ shape, sizes, dtype }))
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

  /**
   * Optimizers in the model's fields, beside that of `compile`: their state is saved with the model's. One that is
   * not built yet (`optimizer.build(weights)`) has none, so build it in the constructor if trainings shall resume.
   */
  get ownOptimizers(): readonly Optimizer[] {
    return fieldValues(this).filter((value) => value instanceof Optimizer)
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
    return Object.fromEntries(places.map(({ path, weight }) => [path, weight.value]))
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
}

/** A layer in a graph, with the graph within it. */
export const nodeOf = (layer: Layer, inputs: readonly string[]): LayerNode => ({
  name: layer.name,
  layer,
  inputs,
  inner: (layer as unknown) instanceof Model ? (layer as unknown as AnyModel).graph() : undefined,
})
