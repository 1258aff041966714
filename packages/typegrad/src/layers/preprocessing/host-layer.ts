import type { DType } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { Tensor } from '../../tensor/tensor.ts'
import type { CallOptions } from '../base/call-options.ts'
import { type CallContext, Layer } from '../base/layer.ts'
import { formatSymbolicShape, type NamedShape, withoutNames } from '../base/sizes.ts'
import { inferOutputs, SymbolicTensor } from '../base/symbolic.ts'
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
    if (isTensors(given)) {
      if (given instanceof TextPlace) return this.#applyToText(given)
      if (!this.takesTensors) throw this.hostOnly(String(given))
      return super.apply(given as Tensor, options)
    }
    // What is no tensor is what the host takes, or is refused by it.
    return this.encode(given as HostValues)
  }

  #applyToText(place: TextPlace): SymbolicTensor {
    const { sizes, dtype } = this.textOutput(place.sizes)
    this.ensureBuilt(place.sizes)
    const application = { layer: this, inputs: [place], arity: 1, listed: false, options: {} }
    const output = new SymbolicTensor(sizes, dtype, application)
    this.noteUse([place], false, [output])
    return output
  }

  /** Shape and dtype of what the layer makes of strings. @throws ArgumentError for layers that no model can begin with. */
  protected textOutput(sizes: NamedShape): TextOutput {
    throw this.hostOnly(`strings of shape ${formatSymbolicShape(sizes)}`)
  }

  /** What a model that begins with the layer has it make of strings. */
  encodeText(values: unknown): Tensor {
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

/** What a layer makes of strings, before there are any. */
export interface TextOutput {
  readonly sizes: NamedShape
  readonly dtype: DType
}

/** Of indices of these sizes, by a function of tensors. */
export function behindIndices(where: string, sizes: NamedShape, encode: (x: Tensor) => Tensor): TextOutput {
  const shape = withoutNames(sizes)
  const [output] = inferOutputs(where, [{ shape, sizes, dtype: 'int64' }], ([x]) => encode(x as Tensor))
  return output as TextOutput
}

const isTensors = (given: unknown): boolean =>
  [given].flat().some((item) => item instanceof Tensor || item instanceof SymbolicTensor)
