import { ArgumentError } from '../base/errors.ts'
import { anything, boolean, needed, optionsOf, string } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { complete, type Work } from '../base/work.ts'
import { type CallOptions, mapLeaves } from '../layers/call-options.ts'
import type { CallContext, Layer } from '../layers/layer.ts'
import type { LayerGraph } from '../layers/layer-graph.ts'
import { castMasked } from '../layers/masks.ts'
import { type Application, type Outputs, type SymbolicShape, SymbolicTensor } from '../layers/symbolic.ts'
import { Tensor } from '../tensor/tensor.ts'
import { applicationsInOrder, layersInOrder } from './application-order.ts'
import { functionalConfig } from './functional-config.ts'
import {
  endOf,
  Model,
  type ModelInput,
  nodeOf,
  type Predicted,
  type Prediction,
  type Reader,
} from './model.ts'
import { withOwnInputs } from './part.ts'
import type { Port } from './samples.ts'

/** One place of a model, or a list of them. */
export type Places = SymbolicTensor | readonly SymbolicTensor[]

export interface FunctionalOptions<O extends Places = Places> {
  readonly inputs: Places
  /** A list, even of one, makes predictions a list. */
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
  readonly #inputs: readonly SymbolicTensor[]
  readonly #outputs: readonly SymbolicTensor[]
  readonly #listsOutputs: boolean
  /** Uses of layers, each after those whose results it takes. */
  readonly #order: readonly Application[]
  readonly #layers: readonly Layer[]

  constructor({ inputs, outputs, ...options }: FunctionalOptions) {
    super(options)
    const ends = withOwnInputs({
      inputs: Array.isArray(inputs) ? inputs : [inputs as SymbolicTensor],
      outputs: Array.isArray(outputs) ? outputs : [outputs as SymbolicTensor],
    })
    this.#inputs = ends.inputs
    this.#outputs = ends.outputs
    this.#listsOutputs = Array.isArray(outputs)
    this.#order = applicationsInOrder(this.#inputs, this.#outputs)
    this.#layers = layersInOrder(this.#inputs, this.#outputs, this.#order)
    const shapes = this.#inputs.map((i) => i.shape)
    this.ensureBuilt(shapes.length === 1 ? (shapes[0] as SymbolicShape) : shapes)
  }

  override get layers(): readonly Layer[] {
    return this.#layers
  }

  override get inputs(): readonly SymbolicTensor[] {
    return this.#inputs
  }

  override get outputs(): readonly SymbolicTensor[] {
    return this.#outputs
  }

  /** Its own beginning, or the list of them. */
  override get input(): SymbolicTensor {
    return endOf(this.inputs)
  }

  /** Its own end, or the list of them. */
  override get output(): SymbolicTensor {
    return endOf(this.outputs)
  }

  override get listedLayers(): readonly Layer[] {
    return this.#layers
  }

  /** Those of the graph, then what a class of its own keeps in its fields beside them. */
  override get sublayers(): readonly Layer[] {
    return [...new Set([...this.#layers, ...super.sublayers])]
  }

  override build(): void {}

  override call(inputs: Outputs, context: CallContext): Outputs {
    return complete(this.#call(inputs, context))
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
    const values = new Map<Application, readonly Tensor[]>()
    this.#inputs.forEach((symbolic, i) => {
      values.set(symbolic.application, [castMasked(list[i] as Tensor, symbolic.dtype)])
    })
    const valueAt = ({ application, index }: SymbolicTensor): Tensor =>
      values.get(application)?.[index] as Tensor
    for (const application of this.#order) {
      if (values.has(application)) continue
      const { layer, listed, arity, inputs: taken, options } = application
      const arguments_ = taken.slice(0, arity).map(valueAt)
      const told = mapLeaves(options, (leaf) => (leaf instanceof SymbolicTensor ? valueAt(leaf) : leaf))
      const result: Outputs = yield* layer.applyWork(
        (listed ? arguments_ : arguments_[0]) as Tensor,
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

  override get modelInputs(): readonly ModelInput[] {
    return this.#inputs.map(({ shape, dtype, application }) => ({
      name: application.layer.name,
      shape,
      dtype,
    }))
  }

  override get modelOutputs(): readonly Port[] {
    const taken = new Set<string>()
    return this.#outputs.map(({ shape, application }) => {
      // A layer that is used twice gives outputs of one name.
      let { name } = application.layer
      for (let i = 1; taken.has(name); i++) name = `${application.layer.name}_${i}`
      taken.add(name)
      return { name, shape }
    })
  }

  protected override get listsOutputs(): boolean {
    return this.#listsOutputs
  }

  override graph(): LayerGraph {
    const takenBy = (layer: Layer): string[] => {
      const uses = this.#order.filter((application) => application.layer === layer)
      return [...new Set(uses.flatMap(({ inputs }) => inputs.map((taken) => taken.application.layer.name)))]
    }
    const names = (places: readonly SymbolicTensor[]) => places.map((place) => place.application.layer.name)
    return {
      nodes: this.layers.map((layer) => nodeOf(layer, takenBy(layer))),
      inputs: names(this.#inputs),
      outputs: names(this.#outputs),
    }
  }

  override readersOf(input: number): readonly Reader[] {
    const place = this.#inputs[input]
    return this.#order.flatMap(({ layer, inputs }) =>
      inputs.flatMap((taken, index) =>
        taken.application === place?.application && taken.index === place.index ? [{ layer, index }] : [],
      ),
    )
  }

  override getConfig(): Record<string, unknown> {
    const { name, trainable } = this
    const [inputs, outputs, order] = [this.#inputs, this.#outputs, this.#order]
    return functionalConfig({ name, trainable, listsOutputs: this.#listsOutputs }, { inputs, outputs, order })
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
 */
export const model = <O extends Places>(options: FunctionalOptions<O>): Functional<PredictionOf<O>> =>
  new Functional(options)

type PredictionOf<O extends Places> = O extends SymbolicTensor ? Predicted : readonly Predicted[]
