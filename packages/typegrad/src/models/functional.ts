import { ArgumentError } from '../base/errors.ts'
import { anything, boolean, needed, optionsOf, string } from '../base/options.ts'
import {
  byNames,
  flat,
  isRecord,
  packed,
  type Structure,
  type Structured,
  structureOf,
} from '../base/structured.ts'
import { takes } from '../base/takes.ts'
import { complete, type Work } from '../base/work.ts'
import { type CallOptions, mapLeaves } from '../layers/base/call-options.ts'
import { type CallContext, type CallResult, type Layer, layerOf } from '../layers/base/layer.ts'
import type { LayerGraph } from '../layers/base/layer-graph.ts'
import { castMasked } from '../layers/base/masks.ts'
import { checkNamedSizes, type NamedShape } from '../layers/base/sizes.ts'
import { type Application, type Outputs, type SymbolicOf, SymbolicTensor } from '../layers/base/symbolic.ts'
import { Operation } from '../layers/operations/operation.ts'
import { Tensor } from '../tensor/tensor.ts'
import { applicationsInOrder, layersInOrder } from './application-order.ts'
import { functionalConfig } from './functional-config.ts'
import { type HostPrefix, type SplitEnds, splitEnds } from './host-prefix.ts'
import { Model, type ModelInput, nodeOf, type Predicted, type Prediction, type Reader } from './model.ts'
import { withOwnInputs } from './part.ts'
import type { Port } from './port.ts'

/** One place of a model, a list of them, or several by name. */
export type SymbolicTensors = Structured<SymbolicTensor>

export interface FunctionalOptions<O extends SymbolicTensors = SymbolicTensors> {
  /** By name, as `{ image, text }`, the model takes its data by these names. */
  readonly inputs: SymbolicTensors
  /** A list, even of one, makes predictions a list, and names make them an object of these names. */
  readonly outputs: O
  /** Default `functional`, with a number from the second on. */
  readonly name?: string
  /** Whether training changes the model's weights. Default true. */
  readonly trainable?: boolean
}

const functionalChecks = optionsOf<FunctionalOptions>()({
  inputs: needed(anything),
  outputs: needed(anything),
  name: string,
  trainable: boolean,
})

/** A graph of layers; see {@link model}. */
@takes(functionalChecks)
export class Functional<out P extends Prediction = Prediction> extends Model<P> {
  readonly className: string = 'Functional'
  /** Where the model begins. */
  readonly #given: readonly SymbolicTensor[]
  /** Where its graph begins: the same, unless the host has work before. */
  readonly #inputs: readonly SymbolicTensor[]
  readonly #host: SplitEnds | undefined
  readonly #outputs: readonly SymbolicTensor[]
  readonly #inputStructure: Structure
  readonly #outputStructure: Structure
  /** Uses of layers, each after those whose results it takes. */
  readonly #order: readonly Application[]
  readonly #layers: readonly Layer[]

  constructor({ inputs, outputs, ...options }: FunctionalOptions) {
    super(options)
    const ends = withOwnInputs({ inputs: flat(inputs), outputs: flat(outputs) })
    this.#given = ends.inputs
    this.#outputs = ends.outputs
    this.#inputStructure = structureOf(inputs)
    this.#outputStructure = structureOf(outputs)
    this.#order = applicationsInOrder(this.#given, this.#outputs)
    this.#layers = layersInOrder(this.#given, this.#outputs, this.#order)
    const names =
      namesIn(this.#inputStructure) ?? this.#given.map(({ application }) => application.layer.name)
    this.#host = splitEnds(() => this.name, this.#given, this.#outputs, this.#order, names)
    this.#inputs = this.#host?.graphInputs ?? this.#given
    const shapes = this.#inputs.map((i) => i.sizes)
    this.ensureBuilt(shapes.length === 1 ? (shapes[0] as NamedShape) : shapes)
  }

  /** Without the operations, as in Keras; `operations` has them as well. */
  override get layers(): readonly Layer[] {
    return this.#layers.filter((layer) => !isOperationLayer(layer))
  }

  override get operations(): readonly Layer[] {
    return this.#layers
  }

  override get inputs(): readonly SymbolicTensor[] {
    return this.#given
  }

  override get outputs(): readonly SymbolicTensor[] {
    return this.#outputs
  }

  /** Its own beginning, or a list or an object of them, as it was made. */
  override get input(): SymbolicTensor {
    return packed(this.#inputStructure, this.#given) as SymbolicTensor
  }

  /** Its own end, or a list or an object of them, as it was made. */
  override get output(): SymbolicOf<P> {
    return packed(this.#outputStructure, this.#outputs) as SymbolicOf<P>
  }

  override get listedLayers(): readonly Layer[] {
    return this.layers
  }

  /** Those of the graph, then what a class of its own keeps in its fields beside them. */
  override get sublayers(): readonly Layer[] {
    return [...new Set([...this.layers, ...super.sublayers])]
  }

  override build(): void {}

  /** Inputs by name, or by the names of their input layers, are taken too. */
  override apply(
    inputs: SymbolicTensor | readonly SymbolicTensor[] | Readonly<Record<string, SymbolicTensor>>,
    options?: CallOptions,
  ): SymbolicOf<P>
  override apply(inputs: Outputs | Readonly<Record<string, Tensor>>, options?: CallOptions | CallContext): P
  override apply(inputs: never, options?: CallOptions): unknown {
    return super.apply(inputs, options)
  }

  override call(inputs: Outputs, context: CallContext): CallResult<P> {
    return complete(this.#call(inputs, context)) as CallResult<P>
  }

  override callWork(inputs: Outputs, context: CallContext): Work<Outputs> {
    // A class that computes in a way of its own says so in `call`.
    return this.call === Functional.prototype.call
      ? this.#call(inputs, context)
      : super.callWork(inputs, context)
  }

  *#call(inputs: Outputs, context: CallContext): Work<Outputs> {
    const list = (Array.isArray(inputs) ? inputs : [inputs]) as readonly Tensor[]
    if (list.length !== this.#inputs.length) {
      throw new ArgumentError({
        where: this.name,
        expected: `${this.#inputs.length} inputs (${this.modelInputs.map((port) => port.name).join(', ')})`,
        received: `${list.length}`,
      })
    }
    const given = list.map(({ shape }) => shape)
    checkNamedSizes(this.name, this.modelInputs, given)
    const values = new Map<Application, readonly Tensor[]>()
    this.#inputs.forEach(({ application, index, dtype }, i) => {
      const known = [...(values.get(application) ?? [])]
      known[index] = castMasked(list[i] as Tensor, dtype)
      values.set(application, known)
    })
    const valueAt = ({ application, index }: SymbolicTensor): Tensor =>
      values.get(application)?.[index] as Tensor
    for (const application of this.#order) {
      if (values.has(application) || this.#host?.onHost.has(application) === true) continue
      const { listed, arity, inputs: taken, options } = application
      // A model within that begins on the host is given what its graph begins with.
      const entry = this.#host?.entries.get(application)
      const arguments_ = (entry ?? taken.slice(0, arity)).map(valueAt)
      const told = mapLeaves(options, (leaf) => (leaf instanceof SymbolicTensor ? valueAt(leaf) : leaf))
      const result: Outputs = yield* layerOf(application).applyWork(
        (listed || arguments_.length > 1 ? arguments_ : arguments_[0]) as Tensor,
        Object.keys(options).length === 0
          ? context
          : { training: context.training, ...(told as CallOptions) },
      )
      values.set(application, result instanceof Tensor ? [result] : (result as readonly Tensor[]))
      yield
    }
    const results = this.#outputs.map(valueAt)
    return results.length === 1 ? (results[0] as Tensor) : results
  }

  override get hostPrefix(): HostPrefix | undefined {
    return this.#host?.prefix
  }

  override get modelInputs(): readonly ModelInput[] {
    const names = this.#host === undefined ? namesIn(this.#inputStructure) : undefined
    return this.#inputs.map(({ shape, sizes, dtype, application }, i) => ({
      name: names?.[i] ?? application.layer.name,
      shape,
      sizes,
      dtype,
    }))
  }

  override get modelOutputs(): readonly Port[] {
    const names = namesIn(this.#outputStructure)
    const taken = new Set<string>()
    return this.#outputs.map(({ shape, sizes, application }, i) => {
      const given = names?.[i]
      if (given !== undefined) return { name: given, shape, sizes }
      // A layer that is used twice gives outputs of one name.
      let { name } = application.layer
      for (let i = 1; taken.has(name); i++) name = `${application.layer.name}_${i}`
      taken.add(name)
      return { name, shape, sizes }
    })
  }

  override get outputStructure(): Structure {
    return this.#outputStructure
  }

  protected override flatInputs(inputs: unknown): unknown {
    if (!isRecord(inputs)) return inputs
    const names = this.modelInputs.map((port) => port.name)
    const list = byNames(this.name, 'inputs', inputs, names)
    return list.length === 1 ? list[0] : list
  }

  protected override packOutputs<T>(outputs: readonly T[]): Structured<T> {
    return packed(this.#outputStructure, outputs)
  }

  override graph(): LayerGraph {
    const takenBy = (layer: Layer): string[] => {
      const uses = this.#order.filter((application) => application.layer === layer)
      return [...new Set(uses.flatMap(({ inputs }) => inputs.map((taken) => taken.application.layer.name)))]
    }
    const names = (places: readonly SymbolicTensor[]) => places.map((place) => place.application.layer.name)
    return {
      nodes: this.operations.map((layer) => nodeOf(layer, takenBy(layer))),
      inputs: names(this.#given),
      outputs: names(this.#outputs),
    }
  }

  /** Tensors that calls in the graph were given beside places of the graph. */
  override get constants(): readonly Tensor[] {
    const found: Tensor[] = []
    for (const { options } of this.#order)
      mapLeaves(options, (leaf) => {
        if (leaf instanceof Tensor) found.push(leaf)
      })
    return [...super.constants, ...found]
  }

  override readersOf(input: number): readonly Reader[] {
    const place = this.#inputs[input]
    return this.#order.flatMap((application) =>
      application.inputs.flatMap((taken, index) =>
        taken.application === place?.application && taken.index === place.index
          ? [{ layer: layerOf(application), index }]
          : [],
      ),
    )
  }

  override getConfig(): Record<string, unknown> {
    const { name, trainable } = this
    return functionalConfig(
      { name, trainable },
      { inputs: this.#given, outputs: this.#outputs, order: this.#order },
      { inputs: this.#inputStructure, outputs: this.#outputStructure },
    )
  }
}

/**
 * A model of layers in any arrangement without cycles: several inputs and outputs, branches, shared layers.
 *
 * Inputs may also be what layers within another model give: such a model shares its layers with the other.
 *
 * @example
 * const x = input({ shape: [32] })
 * const h = layers.dense({ units: 32, activation: 'relu' }).apply(x)
 * const residual = model({ inputs: x, outputs: layers.add().apply([x, h]) })
 * const [a, b] = await model({ inputs: x, outputs: [h, x] }).predict(samples)
 *
 * const reader = model({ inputs: { image, text }, outputs: { label, box } })
 * const { label, box } = await reader.predict({ image: images, text: texts })
 */
export const model = <const O extends SymbolicTensors>(
  options: FunctionalOptions<O>,
): Functional<PredictionOf<O>> => new Functional(options)

const isOperationLayer = (layer: unknown): boolean => layer instanceof Operation

/** The structure of a model's outputs with a tensor in the place of each. */
type PredictionOf<O extends SymbolicTensors> = O extends SymbolicTensor
  ? Predicted
  : { readonly [K in keyof O]: Predicted }

const namesIn = (structure: Structure): readonly string[] | undefined =>
  typeof structure === 'string' ? undefined : structure
