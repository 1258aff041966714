import { ArgumentError } from '../../base/errors.ts'
import { Tensor } from '../../tensor/tensor.ts'
import type { CallOptions } from '../base/call-options.ts'
import { type CallContext, Layer } from '../base/layer.ts'
import { SymbolicTensor } from '../base/symbolic.ts'
import type { HostValues } from './host-values.ts'

/**
 * A layer that works on the host, in JavaScript: strings are no tensors, so what takes them cannot be a part of a graph.
 * Its `apply` takes nested arrays and gives a tensor; use it before the model, as in `dataset.map((text) => layer.apply(text))`.
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
      if (!this.takesTensors) throw this.hostOnly(String(given))
      return super.apply(given as Tensor, options)
    }
    // What is no tensor is what the host takes, or is refused by it.
    return this.encode(given as HostValues)
  }

  /** What the layer makes of values on the host. */
  protected abstract encode(values: HostValues): Tensor

  /** Whether the layer computes in a graph as well, where its input is a tensor. */
  protected get takesTensors(): boolean {
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

const isTensors = (given: unknown): boolean =>
  [given].flat().some((item) => item instanceof Tensor || item instanceof SymbolicTensor)
