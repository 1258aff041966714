import type { DType } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { Tensor } from '../../tensor/tensor.ts'
import type { CallOptions } from '../base/call-options.ts'
import { type CallContext, Layer } from '../base/layer.ts'
import { formatSymbolicShape, type NamedShape, withoutNames } from '../base/sizes.ts'
import { inferOutputs, type SymbolicSpec, SymbolicTensor } from '../base/symbolic.ts'
import { TextPlace } from '../base/text-place.ts'
import type { HostValues } from './host-values.ts'

/**
 * A layer that works on the host, in JavaScript: strings are no tensors, so what takes them cannot be a part of a graph.
 * Its `apply` takes nested arrays and gives a tensor. Use it before the model, as in `dataset.map((text) => layer.apply(text))`,
 * or as a model's first layer, behind `input({ dtype: 'string' })`: the model then runs it on what it is given.
 */
export abstract class HostLayer extends Layer {
  override apply(inputs: SymbolicTensor | readonly SymbolicTensor[], options?: CallOptions): SymbolicTensor
  override apply(inputs: Tensor, options?: CallOptions | CallContext): Tensor
  /** Strings or numbers in nested arrays as a tensor. */
  override apply(values: HostValues): Tensor
  override apply(
    given: HostValues | Tensor | SymbolicTensor | readonly SymbolicTensor[],
    options?: CallOptions | CallContext,
  ): Tensor | SymbolicTensor {
    const list: readonly unknown[] = Array.isArray(given) ? given : [given]
    if (isPlaces(list) && this.worksOnHost(list)) return this.#applyOnHost(list, Array.isArray(given))
    if (isTensors(list)) {
      if (!this.takesTensors) throw this.hostOnly(String(given))
      return super.apply(given as Tensor, options)
    }
    // What is no tensor is what the host takes, or is refused by it.
    return this.encode(given as HostValues)
  }

  /** Whether a use on such places is a part of what a model does before its graph. */
  worksOnHost(places: readonly SymbolicTensor[]): boolean {
    return !this.takesTensors || places.some((place) => place instanceof TextPlace)
  }

  #applyOnHost(places: readonly SymbolicTensor[], listed: boolean): SymbolicTensor {
    const shapes = places.map((place) => place.sizes)
    const { sizes, dtype } = this.hostOutput(shapes)
    this.ensureBuilt(listed ? shapes : (shapes[0] as NamedShape))
    const application = { layer: this, inputs: places, arity: places.length, listed, options: {} }
    const output = new SymbolicTensor(sizes, dtype, application)
    this.noteUse(places, listed, [output])
    return output
  }

  override outputSpecs(
    inputs: readonly SymbolicSpec[],
    listed = false,
    options: CallOptions = {},
  ): ReturnType<Layer['outputSpecs']> {
    if (this.takesTensors) return super.outputSpecs(inputs, listed, options)
    const { sizes, dtype } = this.hostOutput(inputs.map(({ shape, sizes = shape }) => sizes))
    return [{ shape: withoutNames(sizes), sizes, dtype }]
  }

  /** Shape and dtype of what the layer makes of inputs of such shapes. @throws ArgumentError for more than it takes. */
  protected hostOutput(inputs: readonly NamedShape[]): HostOutput {
    if (inputs.length === 1) return this.outputOf(inputs[0] as NamedShape)
    throw new ArgumentError({ where: this.name, expected: 'one input', received: `${inputs.length}` })
  }

  /** Shape and dtype of what the layer makes of an input of this shape. */
  protected outputOf(sizes: NamedShape): HostOutput {
    throw this.hostOnly(`a place of shape ${formatSymbolicShape(sizes)}`)
  }

  /** What a model has the layer make of values that it was given: of strings or numbers, or a list of such. */
  encodeOnHost(values: unknown): Tensor {
    return this.encode(values as HostValues)
  }

  /** What the layer makes of values on the host. */
  protected abstract encode(values: HostValues): Tensor

  /** Whether the layer computes in a graph as well, where its input is a tensor. */
  get takesTensors(): boolean {
    return false
  }

  call(x: Tensor): Tensor {
    throw this.hostOnly(String(x))
  }

  protected hostOnly(received: string): ArgumentError {
    return new ArgumentError({
      where: this.name,
      expected: `strings or numbers in nested arrays: ${this.className} works on the host`,
      received,
      fix: 'Apply it to the data before the model: dataset.map((x) => layer.apply(x)).',
    })
  }
}

/** What a layer makes of values on the host, before there are any. */
export interface HostOutput {
  readonly sizes: NamedShape
  readonly dtype: DType
}

/** Of indices of these sizes, by a function of tensors. */
export function behindIndices(where: string, sizes: NamedShape, encode: (x: Tensor) => Tensor): HostOutput {
  const shape = withoutNames(sizes)
  const [output] = inferOutputs(where, [{ shape, sizes, dtype: 'int64' }], ([x]) => encode(x as Tensor))
  return output as HostOutput
}

const isPlaces = (list: readonly unknown[]): list is readonly SymbolicTensor[] =>
  list.length > 0 && list.every((item) => item instanceof SymbolicTensor)

const isTensors = (list: readonly unknown[]): boolean =>
  list.some((item) => item instanceof Tensor || item instanceof SymbolicTensor)
