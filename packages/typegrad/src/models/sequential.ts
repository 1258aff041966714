import { describe } from '../base/describe.ts'
import { ArgumentError, StateError } from '../base/errors.ts'
import { boolean, checkOptions, optionsOf, string } from '../base/options.ts'
import { serialize } from '../base/serialization.ts'
import { complete, type Work } from '../base/work.ts'
import { type CallContext, Layer, layerOf } from '../layers/base/layer.ts'
import type { LayerGraph } from '../layers/base/layer-graph.ts'
import { castMasked } from '../layers/base/masks.ts'
import { type NamedShape, type SymbolicShape, withoutNames } from '../layers/base/sizes.ts'
import { type Outputs, SymbolicTensor } from '../layers/base/symbolic.ts'
import { TextPlace } from '../layers/base/text-place.ts'
import { InputLayer } from '../layers/core/input.ts'
import { HostLayer } from '../layers/preprocessing/host-layer.ts'
import { HostRun } from '../layers/preprocessing/host-run.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type HostPrefix, prefixOfParts, readable } from './host-prefix.ts'
import { Model, type ModelInput, nodeOf, type Reader } from './model.ts'
import type { Port } from './port.ts'

export interface SequentialOptions {
  /** Default `sequential`, with a number from the second on. */
  readonly name?: string
  /** Whether training changes the model's weights. Default true. */
  readonly trainable?: boolean
}

const sequentialChecks = optionsOf<SequentialOptions>()({ name: string, trainable: boolean })

/** Layers one after another; see {@link sequential}. */
export class Sequential extends Model {
  readonly className: string = 'Sequential'
  readonly #layers: Layer[] = []
  #inputs: SymbolicTensor | undefined
  #outputs: readonly SymbolicTensor[] | undefined
  /** What the graph begins with, where the host has work before. */
  #graphInput: SymbolicTensor | undefined

  constructor(layers: readonly (Layer | SymbolicTensor)[] = [], options: SequentialOptions = {}) {
    checkOptions('Sequential', options, sequentialChecks)
    super(options)
    if (!Array.isArray(layers)) {
      throw new ArgumentError({
        where: 'sequential',
        expected: 'an array of layers',
        received: describe(layers),
        fix: 'Write sequential([first, second]).',
      })
    }
    for (const layer of layers) this.add(layer)
  }

  /**
   * Appends a layer. A first layer with an inputShape, a model that has one, or `input({ shape })` as the first
   * builds the model at once.
   */
  add(added: Layer | SymbolicTensor): void {
    const layer = added instanceof SymbolicTensor ? layerOf(added.application) : added
    if (!(layer instanceof Layer)) throw noLayer(layer)
    const twin = this.#layers.find((other) => other === layer || other.name === layer.name)
    if (twin !== undefined) {
      throw new ArgumentError({
        where: 'sequential',
        expected: 'layers of different names',
        received: `two named '${layer.name}'`,
        fix: 'Give one of them another name.',
      })
    }
    this.#layers.push(layer)
    const shape = this.#inputShape
    if (this.built) {
      this.#outputs = this.#outputs && this.#applied(layer, this.#outputs)
    } else if (shape !== undefined) {
      this.ensureBuilt(shape)
    }
  }

  /** With the batch in front, as far as the first layer knows it. */
  get #inputShape(): NamedShape | undefined {
    const first = this.#layers[0] as Layer | Model | undefined
    if (first instanceof InputLayer) return first.batchShape
    if (first?.inputShape !== undefined) return [null, ...first.inputShape]
    if (!(first instanceof Model)) return undefined
    const [input] = first.hostPrefix?.ports ?? first.modelInputs
    return input?.sizes ?? input?.shape
  }

  override get layers(): readonly Layer[] {
    return this.#layers
  }

  override get listedLayers(): readonly Layer[] {
    return this.#layers.filter((layer) => !((layer as unknown) instanceof InputLayer))
  }

  /** Those of the sequence, then what a class of its own keeps in its fields beside them. */
  override get sublayers(): readonly Layer[] {
    return [...new Set([...this.#layers, ...super.sublayers])]
  }

  override build(inputShape: SymbolicShape | readonly SymbolicShape[]): void {
    const [first, ...rest] = this.#layers as readonly (Layer | undefined)[]
    const begins = (first as unknown) instanceof InputLayer
    const known = this.#inputShape
    const shape = inputShape as SymbolicShape
    this.#inputs = begins
      ? (first as unknown as InputLayer).tensor()
      : new InputLayer({
          batchShape: named(shape, known),
          dtype: this.#takesText ? 'string' : (first?.inputDType ?? 'float32'),
          name: 'input',
        }).tensor()
    let places: readonly SymbolicTensor[] = [this.#inputs]
    this.#graphInput = undefined
    for (const layer of begins ? rest : this.#layers) places = this.#applied(layer as Layer, places)
    this.#outputs = places
  }

  #applied(layer: Layer, places: readonly SymbolicTensor[]): readonly SymbolicTensor[] {
    const outputs = placesOf(layer.apply(single(places)))
    if (layer === this.#hostLayers.at(-1)) this.#graphInput = outputs[0]
    return outputs
  }

  override get inputs(): readonly SymbolicTensor[] {
    return this.#inputs === undefined ? super.inputs : [this.#inputs]
  }

  override get outputs(): readonly SymbolicTensor[] {
    return this.#outputs ?? super.outputs
  }

  /** Its own beginning, or the list of them. */
  override get input(): SymbolicTensor {
    return single(this.inputs) as SymbolicTensor
  }

  /** Its own end, or the list of them. */
  override get output(): SymbolicTensor {
    return single(this.outputs) as SymbolicTensor
  }

  override call(inputs: Outputs, context: CallContext): Tensor {
    return complete(this.#call(inputs, context))
  }

  override callWork(inputs: Outputs, context: CallContext): Work<Outputs> {
    // A class that computes in a way of its own says so in `call`.
    return this.call === Sequential.prototype.call
      ? this.#call(inputs, context)
      : super.callWork(inputs, context)
  }

  *#call(inputs: Outputs, context: CallContext): Work<Tensor> {
    if (this.#layers.length === 0) {
      throw new StateError({
        where: 'sequential',
        expected: 'at least one layer',
        received: 'none',
        fix: 'Call add(layer).',
      })
    }
    const given = [inputs].flat().map((x, i) => castMasked(x, (this.modelInputs[i] as ModelInput).dtype))
    // A model within that begins on the host may have several inputs of its graph.
    let value: Outputs = given.length > 1 ? given : (given[0] as Tensor)
    for (const layer of this.#layers.slice(this.#hostLayers.length)) {
      if (given.length > 1 && (layer as unknown) instanceof InputLayer) continue
      value = yield* layer.applyWork(value as Tensor, context)
      yield
    }
    return value as Tensor
  }

  /** The layers before the graph: up to the last one that works on the host, and an input that comes before. */
  get #hostLayers(): readonly Layer[] {
    const isOnHost = (layer: Layer, i: number): boolean => {
      const one: unknown = layer
      if (!(one instanceof HostLayer)) return false
      return !one.takesTensors || (i > 0 && isTextInput(this.#layers[i - 1]))
    }
    return this.#layers.slice(0, 1 + this.#layers.findLastIndex(isOnHost))
  }

  /** Whether what the model is given are strings: an input says so, or a first layer that works on the host is taken to want them. */
  get #takesText(): boolean {
    const [first] = this.#layers as readonly unknown[]
    if (first instanceof Model) return first.hostPrefix?.isText[0] === true
    return isTextInput(first) || (first instanceof HostLayer && !first.takesTensors)
  }

  /** A first layer that is a model and begins on the host itself. */
  get #innerPrefix(): HostPrefix | undefined {
    const first: unknown = this.#layers.find((layer) => !((layer as unknown) instanceof InputLayer))
    return first instanceof Model ? first.hostPrefix : undefined
  }

  override get hostPrefix(): HostPrefix | undefined {
    const onHost = this.#hostLayers
    const [first] = onHost
    if (first === undefined) return this.#innerPrefix
    const sizes = this.#inputShape
    const name = `${first.name}_input`
    const isText = this.#takesText
    return prefixOfParts({
      ports: [{ name, shape: sizes && withoutNames(sizes), sizes }],
      isText: [isText],
      sources: [{ computed: 0 }],
      reads: [0],
      compute: async (where, [given]) => {
        const dtype = first.inputDType
        const application = { layer: first, inputs: [], arity: 0, listed: false, options: {} }
        const shape = sizes ?? [null]
        const input = isText
          ? new TextPlace(shape, application)
          : new SymbolicTensor(shape, dtype, application)
        const run = new HostRun(where, new Map([[application, readable(`${where}: ${name}`, input, given)]]))
        let place: SymbolicTensor = input
        for (const layer of onHost) {
          if ((layer as unknown) instanceof InputLayer) continue
          const next = { layer, inputs: [place], arity: 1, listed: false, options: {} }
          place = new SymbolicTensor(shape, dtype, next)
        }
        return [await run.tensorAt(place)]
      },
    })
  }

  override get modelInputs(): readonly ModelInput[] {
    const first = this.#layers[0]
    const inner = this.#hostLayers.length === 0 ? this.#innerPrefix : undefined
    if (inner !== undefined) return (this.listedLayers[0] as unknown as Model).modelInputs
    if (this.hostPrefix !== undefined) {
      const { shape, sizes, dtype = 'float32' } = this.#graphInput ?? {}
      return [{ name: `${first?.name}_input`, shape, sizes, dtype }]
    }
    const sizes = (this.builtFor as NamedShape | undefined) ?? this.#inputShape
    return [
      {
        name: first === undefined ? 'input' : `${first.name}_input`,
        shape: sizes && withoutNames(sizes),
        sizes,
        dtype: first?.inputDType ?? 'float32',
      },
    ]
  }

  override get modelOutputs(): readonly Port[] {
    const last = this.#layers.at(-1)
    return last === undefined
      ? []
      : [
          {
            name: last.name,
            shape: this.#outputs?.[0]?.shape,
            sizes: this.#outputs?.[0]?.sizes,
          },
        ]
  }

  override graph(): LayerGraph {
    const names = this.#layers.map(({ name }) => name)
    return {
      nodes: this.#layers.map((layer, i) => nodeOf(layer, names.slice(Math.max(0, i - 1), i))),
      inputs: names.slice(0, 1),
      outputs: names.slice(-1),
    }
  }

  override readersOf(): readonly Reader[] {
    const onHost = this.#hostLayers
    const inGraph = this.listedLayers.filter((layer) => !onHost.includes(layer))
    return inGraph.slice(0, 1).map((layer) => ({ layer, index: 0 }))
  }

  override getConfig(): Record<string, unknown> {
    return {
      name: this.name,
      trainable: this.trainable,
      layers: this.#layers.map((layer) => serialize(layer)),
    }
  }
}

const isTextInput = (layer: unknown): boolean => layer instanceof InputLayer && layer.isText

const placesOf = (places: SymbolicTensor | readonly SymbolicTensor[]): readonly SymbolicTensor[] =>
  places instanceof SymbolicTensor ? [places] : places

/** A single place by itself, as layers take it. */
const single = (places: readonly SymbolicTensor[]): SymbolicTensor | readonly SymbolicTensor[] =>
  places.length === 1 ? (places[0] as SymbolicTensor) : places

/**
 * A model of layers one after another.
 *
 * If the first layer has an `inputShape` (one sample, without the batch) the model is built at once;
 * otherwise on its first data.
 *
 * @example
 * const classifier = sequential([
 *   layers.dense({ units: 64, activation: 'relu', inputShape: [784] }),
 *   layers.dense({ units: 10, activation: 'softmax' }),
 * ])
 */
export const sequential = (
  layers: readonly (Layer | SymbolicTensor)[] = [],
  options: SequentialOptions = {},
): Sequential => new Sequential(layers, options)

/** The shape with the names that the first layer knows for its open sizes. */
const named = (shape: SymbolicShape, known: NamedShape | undefined): NamedShape =>
  shape.map((size, axis) => size ?? (known?.length === shape.length ? (known[axis] ?? null) : null))

/** What stands in the place of a layer, such as the function that would make one. */
const noLayer = (value: unknown): ArgumentError =>
  new ArgumentError({
    where: 'sequential',
    expected: 'layers',
    received: describe(value),
    ...(typeof value === 'function' ? { fix: `Call it: layers.${lowered(value.name)}({ … }).` } : {}),
  })

const lowered = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)
