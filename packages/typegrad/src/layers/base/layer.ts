/**
 * `layers/base/`: what a layer is: its weights, its call, its masks, its configuration, and how it is read again. It
 * knows no layer by its class.
 */
import { describe } from '../../base/describe.ts'
import { type DType, isFloating } from '../../base/dtype.ts'
import { ArgumentError, ShapeError, StateError } from '../../base/errors.ts'
import { denoInspect, nodeInspect } from '../../base/inspect.ts'
import { anything, boolean, checkSpelling, optionsOf, string } from '../../base/options.ts'
import { serialize } from '../../base/serialization.ts'
import { formatShape, sizeOf } from '../../base/shape.ts'
import type { Structured } from '../../base/structured.ts'
import { asWork, complete, type Work, within } from '../../base/work.ts'
import type { HostArray } from '../../data/host-array.ts'
import { getInitializer } from '../../initializers/index.ts'
import { getRegularizer, type Regularizer, type RegularizerIdentifier } from '../../regularizers/index.ts'
import { zeros } from '../../tensor/create.ts'
import { isTrainingAtWork, withLayerAtWork } from '../../tensor/layer-at-work.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { currentScope, withScope } from '../../tensor/trace.ts'
import { Variable } from '../../tensor/variable.ts'
import { checkpoint } from '../../transforms/checkpoint.ts'
import { addActivityPenalty, addLoss } from './activity.ts'
import { type CallOptions, checkCallOptions, givenOptions, mapLeaves, symbolicsIn } from './call-options.ts'
import { fieldValues } from './fields.ts'
import { interceptorOf } from './intercept.ts'
import { castMasked, type Mask, type MasksOf, markOutputs, maskOf, remasked } from './masks.ts'
import { automaticName } from './naming.ts'
import {
  assignAll,
  OwnWeights,
  unique,
  type WeightConstraint,
  type WeightOptions,
  type WeightRegularizer,
} from './own-weights.ts'
import { formatSymbolicShape, type NamedShape, type SymbolicShape, withoutNames } from './sizes.ts'
import {
  type Application,
  inferOutputs,
  type Outputs,
  type SymbolicOf,
  type SymbolicSpec,
  SymbolicTensor,
  type TraceSizes,
  traceSizes,
} from './symbolic.ts'
import { TextPlace } from './text-place.ts'
import { noteTrainableChange } from './trainable-changes.ts'
import { checkTracked, ReadingScope } from './untracked.ts'
import { placesWhere, type WeightFilter, weightPlaces } from './weight-paths.ts'

/** What every layer's factory takes. */
export interface LayerOptions {
  /** Unique within a model. Default: the class name in snake case, with a number from the second on. */
  readonly name?: string
  /** Whether training changes the layer's weights. Default true. */
  readonly trainable?: boolean
  /**
   * Shape of one sample, without the batch: lets a sequential model that begins with this layer be built at once. Sizes
   * that only the data will tell are names or null, as in `input`.
   * Default none: it is built with its first data.
   */
  readonly inputShape?: NamedShape
  /** Dtype of the weights and of what the layer computes with: floats that come in are cast to it. Default `'float32'`. */
  readonly dtype?: DType
  /** A penalty on what the layer computes, for each sample on average, that is added to the loss. Default none. */
  readonly activityRegularizer?: RegularizerIdentifier | null
}

export const layerChecks = optionsOf<LayerOptions>()({
  name: string,
  trainable: boolean,
  inputShape: anything,
  dtype: anything,
  activityRegularizer: anything,
})

/** What a call of a layer knows beside its inputs. */
export interface CallContext {
  /** Whether the model trains: dropout drops, batch normalization uses the batch. */
  readonly training: boolean
  /**
   * Which steps of the sequences count: booleans (batch, time). Absent where all do. Of a list of inputs it is the
   * first one's; `maskOf` tells that of each.
   */
  readonly mask?: Mask
}

/** What a layer's `call` returns: what `apply` gives, in whichever dtype, and a list where that has names. */
export type CallResult<Out extends Structured<Tensor>> = Out extends Tensor
  ? Tensor
  : Out extends readonly Tensor[]
    ? { readonly [K in keyof Out]: Tensor }
    : Outputs

/** A layer of whatever inputs and outputs. */
export type AnyLayer = Layer<never, Structured<Tensor>>

/** One use of a layer in a model. */
interface Use {
  readonly inputs: readonly SymbolicTensor[]
  readonly listed: boolean
  readonly outputs: readonly SymbolicTensor[]
}

/** What layers were told: handed on as it is to layers within, an option that these do not take means nothing there. */
const handedOn = new WeakSet<object>()

/**
 * The base of all layers: weights, a computation, and a configuration that makes the layer again.
 *
 * A subclass creates its weights in `build`, which runs once, when the shape of the input is known, and
 * computes in `call`. Layers that it keeps in its fields are found there, with their weights. A layer of several
 * inputs or outputs says so in its type: `extends Layer<readonly Tensor[], readonly [Tensor, Tensor]>`.
 *
 * @example
 * class Scale extends Layer {
 *   readonly className = 'Scale'
 *   factor!: Variable
 *   override build(inputShape: SymbolicShape) {
 *     this.factor = this.addWeight({ name: 'factor', shape: [inputShape.at(-1)!], initializer: 'ones' })
 *   }
 *   call(x: Tensor) { return x.mul(this.factor.value) }
 * }
 */
export abstract class Layer<In extends Outputs = Tensor, out Out extends Structured<Tensor> = Tensor> {
  /** The class's name in saved configurations; Keras's where Keras has the layer. */
  abstract readonly className: string
  readonly dtype: DType
  readonly inputShape: NamedShape | undefined
  readonly activityRegularizer: Regularizer | undefined
  #trainable: boolean
  /** Frozen by its options: what stands in it is frozen too, once it is built. */
  #startsFrozen: boolean
  #name: string | undefined
  #built = false
  #firstUse: Use | undefined
  #inputSpec: NamedShape | readonly NamedShape[] | undefined
  readonly #own = new OwnWeights(this)
  /**
   * Whether training keeps nothing of what the layer computes between its inputs and its output, and computes it again for
   * the gradients (`checkpoint`): less memory for a second forward pass. For layers of one output, such as the blocks of a
   * deep model; a model that is compiled takes notice with its next `compile`. Default false.
   */
  recompute = false

  constructor({
    name,
    trainable = true,
    inputShape,
    dtype = 'float32',
    activityRegularizer,
    ...others
  }: LayerOptions = {}) {
    checkSpelling(name ?? 'layer', others, layerChecks)
    if (name !== undefined && (name === '' || name.includes('/'))) {
      throw new ArgumentError({
        where: 'layer',
        expected: 'a name of at least one letter and without a slash',
        received: JSON.stringify(name),
      })
    }
    if (inputShape !== undefined && !Array.isArray(inputShape)) {
      throw new ArgumentError({
        where: name ?? 'layer',
        expected: 'the shape of one sample as inputShape, such as [784]',
        received: String(inputShape),
        fix: `Write inputShape: [${String(inputShape)}].`,
      })
    }
    this.#name = name
    this.#trainable = trainable
    this.#startsFrozen = !trainable
    this.inputShape = inputShape
    this.dtype = dtype
    this.activityRegularizer = activityRegularizer == null ? undefined : getRegularizer(activityRegularizer)
  }

  /** Unique within a model; made up from the class's name on first use if none was given. */
  get name(): string {
    this.#name ??= automaticName(this.className)
    return this.#name
  }

  get built(): boolean {
    return this.#built
  }

  /**
   * Whether training changes the layer's weights. Set, it holds for its weights and for all layers in it, as in Keras:
   * freeze a model and then some of its layers the other way round, in this order. A model that is compiled takes notice
   * with its next `compile`.
   */
  get trainable(): boolean {
    return this.#trainable
  }

  set trainable(trainable: boolean) {
    this.restoreTrainable(trainable)
    for (const layer of this.sublayers) layer.trainable = trainable
  }

  /** Sets what a configuration says of this layer alone: those in it have configurations of their own. */
  restoreTrainable(trainable: boolean): void {
    if (trainable !== this.#trainable) noteTrainableChange()
    this.#trainable = trainable
    this.#startsFrozen = false
    this.#own.setTrainable(trainable)
    for (const layer of this.unsavedLayers) layer.trainable = trainable
  }

  /** Lets single weights be trained of a layer that was frozen: all others stay frozen, one by one. */
  unfreezeItself(): void {
    if (this.#trainable) return
    noteTrainableChange()
    this.#trainable = true
    this.#startsFrozen = false
  }

  /** Layers in it that no configuration describes: what this one's says of training holds for them. */
  protected get unsavedLayers(): readonly AnyLayer[] {
    return []
  }

  /** Creates the weights. The shape has the batch in front. Override where there are weights. */
  build(_inputShape: In extends Tensor ? SymbolicShape : readonly SymbolicShape[]): void {}

  /** Computes the output. Only tensor operations: the call is traced. */
  abstract call(inputs: In, context: CallContext): CallResult<Out>

  /** What `call` does, as work that may be interrupted: one piece where the layer does not say where. */
  callWork(inputs: In, context: CallContext): Work<Outputs> {
    return asWork(() => this.call(inputs, context))
  }

  /**
   * Looks at data that a model's user hands in, where this layer takes it as it comes: refuses what would go wrong in the
   * middle of a run, where no value can be looked at. Called before anything runs. Default: takes everything.
   *
   * @param where the call that was given the data, for the error.
   * @param input which of the layer's inputs it is.
   * @returns a promise where looking takes long (`inSlices`).
   * @throws DataError naming the sample.
   */
  checkInput(_where: string, _data: HostArray, _input: number): Promise<unknown> | undefined {
    return undefined
  }

  /**
   * Whether inputs of another floating dtype are cast to the layer's before it computes, as Keras does: what comes out
   * has the layer's dtype, whichever floats came in. Whole numbers and booleans stay. Default true, for layers whose
   * dtype is floating; a model's inputs have dtypes of their own.
   */
  get autocast(): boolean {
    return true
  }

  /** Whether the layer knows of masks: its call gets that of its input, and its output has the same one. */
  get supportsMasking(): boolean {
    return false
  }

  /**
   * Which steps of the output count: booleans (batch, time), undefined where all do or the output has no steps; a
   * list for several outputs. Default: as in the inputs, in their order, where the layer supports masking, elsewhere
   * all.
   *
   * @param mask that of the input; of a list of inputs a list, with undefined for those that have none.
   */
  computeMask(_inputs: In, mask: MasksOf<In>): Mask | readonly Mask[] {
    return this.supportsMasking ? mask : undefined
  }

  /** The mask that `call` is told of, of those that the inputs have, where the call was given none: the first one's. */
  impliedMask(masks: readonly Mask[]): Mask {
    return masks[0]
  }

  /**
   * Options that a call of this layer takes beside `training` and `mask`, by name: `call` gets them in its context.
   * Override it for those of a layer of your own.
   *
   * @example
   * override get callOptions() { return ['memory'] }
   * call(x: Tensor, { memory }: CallContext & { memory?: Tensor }) { … }
   * // layer.apply(x, { memory })
   */
  get callOptions(): readonly string[] | 'any' {
    return []
  }

  /** What makes the layer again with `new` and these options; JSON. */
  getConfig(): Record<string, unknown> {
    return {
      name: this.name,
      trainable: this.trainable,
      dtype: this.dtype,
      ...(this.inputShape === undefined ? {} : { inputShape: this.inputShape }),
      ...(this.activityRegularizer === undefined
        ? {}
        : { activityRegularizer: serialize(this.activityRegularizer) }),
    }
  }

  /**
   * Uses the layer: on symbolic tensors to put it into a functional model, on tensors to compute.
   * Builds the layer if that has not been done.
   *
   * @param options what belongs to this call alone, such as `training`, `mask`, and what `callOptions` names.
   * @throws ArgumentError for inputs that are no tensors, and options that the layer does not take.
   */
  apply(inputs: SymbolicTensor | readonly SymbolicTensor[], options?: CallOptions): SymbolicOf<Out>
  apply(inputs: In, options?: CallOptions | CallContext): Out
  apply(given: unknown, told: CallOptions | CallContext = {}): unknown {
    const options = told as CallOptions
    const inputs = this.flatInputs(given)
    const listed = Array.isArray(inputs)
    const list = (listed ? inputs : [inputs]) as readonly unknown[]
    if (list.every((item) => item instanceof SymbolicTensor)) {
      const outputs = this.applySymbolic(list, listed, givenOptions(options))
      return this.packOutputs(outputs)
    }
    const symbolic = symbolicsIn(options)
    if (symbolic.length > 0 || !list.every((item) => item instanceof Tensor)) {
      throw new ArgumentError({
        where: this.name,
        expected: 'tensors, or symbolic tensors of a functional model',
        received: [...list, ...symbolic]
          .map((item) =>
            item instanceof Tensor || item instanceof SymbolicTensor ? item.toString() : describe(item),
          )
          .join(', '),
        fix: 'Make data a tensor first: tensor(values).',
      })
    }
    const outputs = complete(this.applyWork(inputs as In, options))
    return this.packOutputs(Array.isArray(outputs) ? outputs : [outputs])
  }

  /** What `apply` was given as the layer's `call` takes it: one tensor or a list. */
  protected flatInputs(inputs: unknown): unknown {
    return inputs
  }

  /** What `apply` gives back of the layer's outputs. */
  protected packOutputs<T>(outputs: readonly T[]): Structured<T> {
    return outputs.length === 1 ? (outputs[0] as T) : outputs
  }

  /** What `apply` does with tensors, as work that may be interrupted. */
  *applyWork(given: In, options: CallOptions | CallContext): Work<Outputs> {
    const listed = Array.isArray(given)
    const list = ((listed ? given : [given]) as readonly Tensor[]).map((x) => this.#autocasted(x))
    const inputs = (listed ? list : list[0]) as In
    // Built for the tensors as they are (states have a row for each sequence), but known as built for any batch: the one
    // of the moment says nothing about the next.
    const shapes: SymbolicShape[] = list.map(({ shape }) => shape)
    const open = shapes.map((shape) => (shape.length === 0 ? shape : [null, ...shape.slice(1)]))
    if (listed) this.ensureBuilt(shapes, open)
    else this.ensureBuilt(shapes[0] as SymbolicShape, open[0] as SymbolicShape)
    const context = this.#contextOf(options as CallOptions, handedOn.has(options))
    // Masks of the call's are those of the inputs for all that the layer does with them. What a model hands on to its
    // layers says nothing of masks: those of its inputs find their way beside the tensors.
    const maskGiven = handedOn.has(options) ? undefined : (options as CallOptions).mask
    const masksGiven = [maskGiven].flat() as readonly (Mask | null)[]
    const isGiven = masksGiven.some((mask) => mask != null)
    const taken = list.map((x, i) => {
      const mask = masksGiven[i]
      if (mask == null) return x
      checkMask(this.name, mask, x)
      return remasked(x, mask)
    })
    const masks = taken.map(maskOf)
    const call = (isGiven ? (listed ? taken : taken[0]) : inputs) as In
    const isTold = this.supportsMasking && maskGiven !== null
    const told: CallContext = isTold
      ? { ...context, mask: masksGiven[0] ?? this.impliedMask(masks) }
      : context
    handedOn.add(told)
    const interceptor = interceptorOf(this)
    const called =
      interceptor !== undefined
        ? asWork(() => interceptor(taken[0] as Tensor, () => complete(this.callWork(call, told)) as Tensor))
        : this.recompute && context.training
          ? asWork(() => this.#recomputed(list.length === 1 && !listed, taken, told))
          : this.callWork(call, told)
    // Layers within are often called without a word of it.
    const training = (options as CallOptions).training ?? isTrainingAtWork()
    const work = within((portion) => withLayerAtWork(this.name, training, portion), called)
    const outputs = markOutputs(
      yield* context.training && currentScope() !== undefined ? this.#checked(work) : work,
      this.computeMask(call, (listed ? masks : masks[0]) as MasksOf<In>),
      taken,
    )
    if (this.activityRegularizer !== undefined) addActivityPenalty(this.activityRegularizer, outputs)
    return outputs
  }

  /** An input in the layer's own dtype, where it casts. */
  #autocasted(x: Tensor): Tensor {
    const isCast = this.autocast && x.dtype !== this.dtype && isFloating(x.dtype) && isFloating(this.dtype)
    return isCast ? castMasked(x, this.dtype) : x
  }

  /** What `call` gives, with nothing kept in between. */
  #recomputed(isSingle: boolean, inputs: readonly Tensor[], context: CallContext): Tensor {
    const call = (...given: Tensor[]): Tensor => {
      const marked = given.map((x, i) => remasked(x, maskOf(inputs[i] as Tensor)))
      // What several outputs are is refused by `checkpoint`.
      return complete(this.callWork((isSingle ? marked[0] : marked) as In, context)) as Tensor
    }
    return checkpoint(call)(...inputs)
  }

  /** What `call` is told, but for masks. @throws ArgumentError for options that the layer does not take. */
  #contextOf({ mask: _, ...options }: CallOptions, isHandedOn: boolean): CallContext {
    const { callOptions } = this
    const training = options.training ?? false
    if (!isHandedOn) checkCallOptions(this, options)
    else if (callOptions !== 'any') {
      const taken = Object.entries(options).filter(([name]) => callOptions.includes(name))
      return { ...this.#castWithin(Object.fromEntries(taken)), training }
    }
    return { ...this.#castWithin(options), training }
  }

  /** Options of a call, their tensors in the layer's own dtype where it casts. */
  #castWithin<T extends object>(options: T): T {
    if (!this.autocast) return options
    const cast = (leaf: unknown) => (leaf instanceof Tensor ? this.#autocasted(leaf) : leaf)
    return mapLeaves(options, cast) as T
  }

  /** A call in training, which fails if it reads trainable weights that would not be trained. */
  *#checked(work: Work<Outputs>): Work<Outputs> {
    const reading = new ReadingScope()
    const outputs = yield* within((portion) => withScope(reading, portion), work)
    checkTracked(this, reading.variables)
    return outputs
  }

  /** Places of a functional model behind this layer. */
  protected applySymbolic(
    inputs: readonly SymbolicTensor[],
    listed: boolean,
    options: CallOptions,
  ): SymbolicTensor[] {
    checkCallOptions(this, options)
    const text = [...inputs, ...symbolicsIn(options)].find((place) => place instanceof TextPlace)
    if (text !== undefined) {
      throw new ArgumentError({
        where: this.name,
        expected: 'numbers: only layers that work on the host take strings',
        received: text.toString(),
        fix: 'Make indices of them first: layers.textVectorization, stringLookup or hashing.',
      })
    }
    const shapes = inputs.map((i) => i.sizes)
    this.ensureBuilt(listed ? shapes : (shapes[0] as NamedShape))
    const application: Application = {
      layer: this,
      inputs: [...inputs, ...symbolicsIn(options)],
      arity: inputs.length,
      listed,
      options,
    }
    const outputs = this.outputSpecs(inputs, listed, options).map(
      ({ sizes, dtype }, i) => new SymbolicTensor(sizes, dtype, application, i),
    )
    this.noteUse(inputs, listed, outputs)
    return outputs
  }

  /** Keeps what the layer was first applied to. */
  protected noteUse(
    inputs: readonly SymbolicTensor[],
    listed: boolean,
    outputs: readonly SymbolicTensor[],
  ): void {
    this.#firstUse ??= { inputs, listed, outputs }
  }

  /**
   * What the layer was first applied to in a functional or sequential model: a list where it was given one. Makes models
   * of parts of others.
   *
   * @throws StateError before that.
   */
  get input(): SymbolicTensor {
    const { inputs, listed } = this.#used('input')
    return (listed ? inputs : inputs[0]) as SymbolicTensor
  }

  /**
   * What the layer gave when it was first applied in a functional or sequential model: a list of several.
   *
   * @throws StateError before that.
   * @example
   * const features = model({ inputs: whole.inputs, outputs: whole.getLayer('pooled').output })
   */
  get output(): SymbolicOf<Out> {
    const { outputs } = this.#used('output')
    return (outputs.length === 1 ? outputs[0] : outputs) as unknown as SymbolicOf<Out>
  }

  #used(where: string): Use {
    if (this.#firstUse !== undefined) return this.#firstUse
    throw new StateError({
      where: `${this.name}.${where}`,
      expected:
        'a layer that stands in a functional model, or in a sequential one that knows its input shape',
      received: 'one that was not applied to symbolic tensors',
      fix: 'Apply it to what input({ shape }) gives.',
    })
  }

  /** Shapes and dtypes of the outputs for inputs of these, and options that may hold symbolic tensors. */
  outputSpecs(inputs: readonly SymbolicSpec[], listed = false, options: CallOptions = {}) {
    const read = new Set<Variable>()
    const among = symbolicsIn(options)
    const specs = inferOutputs(
      this.name,
      [...inputs, ...among],
      (tensors) => {
        const given = tensors.slice(0, inputs.length)
        const values = new Map(among.map((place, i) => [place, tensors[inputs.length + i]]))
        const { mask, ...told } = mapLeaves(options, (leaf) =>
          leaf instanceof SymbolicTensor ? values.get(leaf) : leaf,
        ) as CallOptions
        const masks = [mask].flat() as readonly (Mask | null)[]
        const taken = given
          .map((x) => this.#autocasted(x))
          .map((x, i) => (masks[i] == null ? x : remasked(x, masks[i])))
        const context: CallContext = {
          ...this.#castWithin(told),
          training: told.training ?? false,
          ...(masks[0] == null ? {} : { mask: masks[0] }),
        }
        handedOn.add(context)
        return this.call((listed ? taken : taken[0]) as unknown as In, context)
      },
      read,
      this.traceSizes,
    )
    checkTracked(this, read)
    return specs
  }

  /** The sizes that the output's shape is found with where those of the input are open. */
  protected get traceSizes(): TraceSizes {
    return traceSizes
  }

  /** The shape of the output for an input of this one, with the batch in front. Builds the layer if need be. */
  computeOutputShape(inputShape: NamedShape | readonly NamedShape[]): SymbolicShape {
    return withoutNames(this.computeOutputSizes(inputShape))
  }

  /** `computeOutputShape` with the names of open sizes, where the input's have some. */
  computeOutputSizes(inputShape: NamedShape | readonly NamedShape[]): NamedShape {
    this.ensureBuilt(inputShape)
    const listed = isShapeList(inputShape)
    const specs = this.outputSpecs(
      (listed ? inputShape : [inputShape]).map((sizes) => ({
        shape: withoutNames(sizes),
        sizes,
        dtype: this.inputDType,
      })),
      listed,
    )
    return specs[0]?.sizes ?? []
  }

  /** The dtype that the layer's inputs have by default. */
  get inputDType(): DType {
    return this.dtype
  }

  /**
   * Builds once.
   *
   * @param knownAs what `builtFor` says from then on.
   */
  ensureBuilt(
    inputShape: NamedShape | readonly NamedShape[],
    knownAs: NamedShape | readonly NamedShape[] = inputShape,
  ): void {
    if (this.#built) return
    const shape = isShapeList(inputShape) ? inputShape.map(withoutNames) : withoutNames(inputShape)
    // A trace that is under way must not get into the initial values.
    withScope(undefined, () => this.build(shape as Parameters<this['build']>[0]))
    this.#built = true
    this.#inputSpec = knownAs
    if (this.#startsFrozen) this.trainable = false
  }

  /** The shape that the layer was built for, with names of open sizes; undefined before. */
  get builtFor(): NamedShape | readonly NamedShape[] | undefined {
    return this.#inputSpec
  }

  /** Creates a weight and keeps it with the layer's. To be called in `build`. */
  protected addWeight({
    name,
    shape,
    initializer = 'glorotUniform',
    trainable = true,
    dtype = this.dtype,
    regularizer,
    constraint,
  }: WeightOptions): Variable {
    const value = getInitializer(initializer).initialize(shape, dtype)
    const weight = new Variable(value, { name: `${this.name}/${name}`, trainable })
    this.#own.add(weight, { regularizer, constraint })
    return weight
  }

  /**
   * Adds to the loss of the model that the layer is called in. To be called in `call`, each time with what this call
   * costs: it counts in training and evaluation, and nowhere else.
   *
   * @param loss a scalar.
   * @throws ShapeError for what is none; StateError in a step of a recurrent cell, which is no call of its own.
   * @example
   * call(x: Tensor) {
   *   const [mean, logVariance] = [this.mean.apply(x), this.logVariance.apply(x)]
   *   this.addLoss(mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sum(-1).mean().mul(0.5))
   *   return mean
   * }
   */
  protected addLoss(loss: Tensor): void {
    addLoss(this.name, loss)
  }

  /** Layers in this one's fields, directly or in arrays, objects, Maps and Sets, in the order of the fields. */
  get sublayers(): readonly Layer[] {
    return fieldValues(this).filter((value) => value instanceof Layer) as unknown as Layer[]
  }

  /** Layers that stand in no field but in a list of the class's own, such as those of a model; in their order. */
  get listedLayers(): readonly Layer[] {
    return []
  }

  /**
   * The weights that are not of sublayers: those made to be trained first, whether the layer is frozen or not. In the
   * place of one that adapters compute stands what it is computed from.
   */
  get ownWeights(): readonly Variable[] {
    return this.#own.sources
  }

  /** Those of `ownWeights` that were made to be trained, frozen or not. */
  get freezableWeights(): readonly Variable[] {
    return this.#own.trainedSources
  }

  /** Own weights as the layer reads them, computed ones too. */
  get weightsAsRead(): readonly Variable[] {
    return this.#own.present
  }

  /**
   * All weights, in Keras's order, whatever is frozen: the layer's own, those made to be trained first, then those of
   * each layer in it.
   */
  get weights(): readonly Variable[] {
    return unique([...this.ownWeights, ...this.sublayers.flatMap((layer) => layer.weights)])
  }

  /** Those of `weights` that training changes; none of a frozen layer. */
  get trainableWeights(): readonly Variable[] {
    return this.trainable ? this.weights.filter((weight) => weight.trainable) : []
  }

  /** Those of `weights` that training does not change. */
  get nonTrainableWeights(): readonly Variable[] {
    return this.trainable ? this.weights.filter((weight) => !weight.trainable) : this.weights
  }

  /**
   * All weights by their paths, such as `encoder/3/attention/query/kernel`: layers of a functional or sequential model
   * by their names, others by their fields in snake case, those in lists by their numbers. Names that were made up
   * (`dense_7`) are the class with a number among its like, so that paths are the same when the model is made again.
   */
  get weightPaths(): ReadonlyMap<string, Variable> {
    return new Map(weightPlaces(this as unknown as Layer).map(({ path, weight }) => [path, weight]))
  }

  /**
   * Weights by their paths.
   *
   * @throws ArgumentError for a pattern that fits no weight, with the nearest path.
   * @example
   * model.weightsWhere('encoder/3/**')
   * model.weightsWhere(['embedding/embeddings', 'logits/*'])
   * model.weightsWhere((path, weight) => weight.shape.length === 2)
   */
  weightsWhere(filter: WeightFilter): readonly Variable[] {
    return placesWhere('weightsWhere', this as unknown as Layer, filter).map(({ weight }) => weight)
  }

  /** Penalties of regularized weights that are trained, to be added to the loss. */
  get penalties(): Tensor[] {
    return this.penaltiesOf(this.trainableWeights)
  }

  /** Penalties of those of the weights that are regularized. */
  protected penaltiesOf(weights: readonly Variable[]): Tensor[] {
    const { regularizers } = this
    return weights.flatMap((weight) => {
      const regularizer = regularizers.get(weight)
      return regularizer === undefined ? [] : [regularizer.penalty(weight.value)]
    })
  }

  /** Regularized weights with what each costs by, frozen ones too. */
  get regularizers(): ReadonlyMap<Variable, WeightRegularizer> {
    return new Map([...this.sublayers.flatMap((layer) => [...layer.regularizers]), ...this.#own.regularizers])
  }

  /** Constrained weights with what each is made to be after every step. */
  get constraints(): ReadonlyMap<Variable, WeightConstraint> {
    return new Map([...this.#own.constraints, ...this.sublayers.flatMap((layer) => [...layer.constraints])])
  }

  /**
   * What layers carry from batch to batch that is no weight: the states of recurrent layers with `stateful`. It is
   * kept with a training, but not with the weights.
   */
  get states(): readonly Variable[] {
    return unique(this.sublayers.flatMap((layer) => layer.states))
  }

  /** Sets the states of recurrent layers with `stateful`, this one or those inside of it, back to zero. */
  resetStates(): void {
    for (const state of this.states) {
      state.assign(zeros(state.shape, { dtype: state.dtype }))
    }
  }

  /** Number of elements of all weights. */
  countParams(): number {
    if (!this.#built) {
      throw new StateError({
        where: this.name,
        expected: 'a layer that is built',
        received: 'one that has seen no input shape yet',
        fix: 'Give it an inputShape, or call it once.',
      })
    }
    return this.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0)
  }

  /** The weights' values, in the order of `weights`. */
  getWeights(): Tensor[] {
    return this.weights.map((weight) => weight.value)
  }

  /**
   * Replaces the weights' values.
   *
   * @throws ArgumentError if their number differs, ShapeError naming the weight whose shape does; then
   * nothing is changed.
   */
  setWeights(values: readonly Tensor[]): void {
    assignAll(`${this.name}.setWeights`, this.weights, values)
  }

  toString(): string {
    const shape =
      this.#inputSpec === undefined || isShapeList(this.#inputSpec)
        ? ''
        : ` for ${formatSymbolicShape(this.#inputSpec)}`
    return `${this.className} '${this.name}'${shape}`
  }

  /** What `console.log` prints: the layer in a line. */
  [nodeInspect](): string {
    const { length } = this.sublayers
    const layers = length === 0 ? '' : `, ${length} layer${length === 1 ? '' : 's'}`
    const parameters = this.#built ? `${this.countParams()} parameters` : 'not built yet'
    return `${this}${layers}, ${parameters}`
  }

  [denoInspect](): string {
    return this[nodeInspect]()
  }
}

/** The layer that a use is one of. @throws ArgumentError for one that was made by hand and has none. */
export function layerOf({ layer }: Application): Layer {
  if (layer instanceof Layer) return layer
  throw new ArgumentError({
    where: 'model',
    expected: 'symbolic tensors, made by input({ shape }) and layers applied to them',
    received: `one of '${layer.name}', which is no layer`,
  })
}

/** Whether there are several inputs. */
export const isShapeList = (shape: NamedShape | readonly NamedShape[]): shape is readonly NamedShape[] =>
  Array.isArray(shape[0])

/** @throws ShapeError for a mask that does not say of each step of the input whether it counts. */
function checkMask(layer: string, mask: Tensor, { shape }: Tensor): void {
  if (mask.rank <= shape.length && mask.shape.every((size, i) => size === shape[i])) return
  throw new ShapeError({
    where: `${layer}: mask`,
    expected: `shape ${formatShape(shape.slice(0, 2))}, a boolean for each step of each sequence`,
    received: formatShape(mask.shape),
  })
}

/** The rank that a layer takes. @throws ShapeError in the layer's name otherwise. */
export function checkRank(layer: Layer, shape: SymbolicShape, rank: number, meaning: string): void {
  if (shape.length === rank) return
  throw new ShapeError({
    where: layer.className,
    expected: `an input of rank ${rank}, ${meaning}`,
    received: `shape ${formatSymbolicShape(shape)}`,
    fix:
      shape.length < rank
        ? 'Add the missing dimension with layers.reshape or expandDims.'
        : 'Flatten the input first: layers.flatten().',
  })
}
