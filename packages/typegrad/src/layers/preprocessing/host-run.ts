import { asSamples, toHostArray } from '../../data/host-array.ts'
import { fromData, Tensor } from '../../tensor/tensor.ts'
import { mapLeaves } from '../base/call-options.ts'
import { layerOf } from '../base/layer.ts'
import { type Application, type CallOptions, type Outputs, SymbolicTensor } from '../base/symbolic.ts'
import { HostLayer } from './host-layer.ts'

/** Whether a layer's use is a part of what a model does before its graph. */
export function isOnHost({ layer, inputs, arity }: Application): boolean {
  const used: unknown = layer
  return used instanceof HostLayer && used.worksOnHost(inputs.slice(0, arity))
}

/** What a model does before its graph, as `models/host-prefix.ts` makes it. */
export interface HostPart {
  /** What is given for each input, as what the graph begins with. */
  encode(where: string, given: readonly unknown[]): Promise<readonly unknown[]>
}

/** What a layer that is a model does before its graph; undefined for all others. */
export const hostPartOf = (layer: object): HostPart | undefined =>
  (layer as { readonly hostPrefix?: HostPart }).hostPrefix

/**
 * Runs a part of a graph of layers before the graph itself: layers that work on the host are given strings and numbers as
 * JavaScript has them, and all others tensors, which they compute with as they do in predictions. Each use is run once.
 */
export class HostRun {
  readonly #where: string
  readonly #given: ReadonlyMap<Application, unknown>
  readonly #results = new Map<Application, Promise<readonly unknown[]>>()

  /** @param given the values at the inputs: tensors, or strings and numbers in nested arrays. */
  constructor(where: string, given: ReadonlyMap<Application, unknown>) {
    this.#where = where
    this.#given = given
  }

  /** What is at a place: a tensor, or what was given there. */
  async valueAt({ application, index }: SymbolicTensor): Promise<unknown> {
    if (this.#given.has(application)) return this.#given.get(application)
    const results = this.#results.get(application) ?? this.#run(application)
    this.#results.set(application, results)
    return (await results)[index]
  }

  /** What is at a place, as a tensor. */
  async tensorAt(place: SymbolicTensor): Promise<Tensor> {
    const value = await this.valueAt(place)
    if (value instanceof Tensor) return value
    const fit = asSamples(this.#where, place.shape.slice(1))
    const { data, shape, dtype, tensor } = await toHostArray(this.#where, value, fit)
    return (tensor ?? fromData(data, shape, dtype)).cast(place.dtype)
  }

  async #run(application: Application): Promise<readonly unknown[]> {
    const { arity, listed, options } = application
    const inputs = application.inputs.slice(0, arity)
    const layer: unknown = layerOf(application)
    if (layer instanceof HostLayer) {
      const values = await Promise.all(inputs.map((place) => this.valueAt(place)))
      if (isOnHost(application) || !values.some((value) => value instanceof Tensor)) {
        const onHost = await Promise.all(
          values.map((value) => (value instanceof Tensor ? value.toArray() : value)),
        )
        return [layer.encodeOnHost(listed ? onHost : onHost[0])]
      }
    }
    const part = hostPartOf(layerOf(application))
    const tensors =
      part === undefined
        ? await Promise.all(inputs.map((place) => this.tensorAt(place)))
        : await this.#encoded(part, inputs)
    const told = new Map<SymbolicTensor, Tensor>()
    for (const place of application.inputs.slice(arity)) told.set(place, await this.tensorAt(place))
    const result = layerOf(application).apply(
      (listed || tensors.length > 1 ? tensors : tensors[0]) as Tensor,
      mapLeaves(options, (leaf) => (leaf instanceof SymbolicTensor ? told.get(leaf) : leaf)) as CallOptions,
    ) as Outputs
    return [result].flat()
  }

  /** What the graph of a model within begins with. */
  async #encoded(part: HostPart, inputs: readonly SymbolicTensor[]): Promise<readonly Tensor[]> {
    const given = await Promise.all(inputs.map((place) => this.valueAt(place)))
    const values = await part.encode(this.#where, given)
    return await Promise.all(
      values.map(async (value) => {
        if (value instanceof Tensor) return value
        const { data, shape, dtype } = await toHostArray(this.#where, value)
        return fromData(data, shape, dtype)
      }),
    )
  }
}
