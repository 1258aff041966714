import type { DType } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { optionsOf, string } from '../../base/options.ts'
import type { Configurable } from '../../base/serialization.ts'
import type { Shape } from '../../base/shape.ts'
import type { InitializerIdentifier } from '../../initializers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { snakeCaseName } from '../base/naming.ts'

/** What every adapter takes. */
export interface AdapterOptions {
  /** What its weights are called by, behind the adapted one's path. Default: the class's name in snake case. */
  readonly name?: string
}

export const adapterChecks = optionsOf<AdapterOptions>()({ name: string })

/**
 * A weight that an adapter adds: what it begins as, and whether training changes it; or a variable that is there, which
 * several weights share, such as a switch of them all.
 */
export type AdapterWeight =
  | { readonly variable: Variable }
  | ({ readonly trainable?: boolean } & (
      | { readonly value: Tensor }
      | { readonly shape: Shape; readonly initializer: InitializerIdentifier; readonly dtype?: DType }
    ))

/**
 * Makes a layer's weight a function of other variables: low-rank updates, quantised weights, weight and spectral
 * normalisation, masks. It is a recipe without state of its own, so one adapter serves many weights; see {@link adapt}.
 *
 * PyTorch's parametrizations (`torch.nn.utils.parametrize`) and PEFT's adapters are the same idea.
 *
 * @example
 * // Pruning: a mask of zeros and ones that is saved with the weights and never trained.
 * class Mask extends WeightAdapter {
 *   readonly className = 'Mask'
 *   addedWeights(weight: Tensor) {
 *     return { mask: { value: weight.abs().greater(0.01).cast(weight.dtype), trainable: false } }
 *   }
 *   compute(base: Tensor, { mask }: { readonly mask: Tensor }) { return base.mul(mask) }
 * }
 */
export abstract class WeightAdapter<Added extends string = string> implements Configurable {
  /** The class's name in saved configurations. */
  abstract readonly className: string
  readonly #name: string | undefined

  constructor({ name }: AdapterOptions = {}) {
    if (name !== undefined && (name === '' || name.includes('/'))) {
      throw new ArgumentError({
        where: 'adapter: name',
        expected: 'a name of at least one letter and without a slash',
        received: JSON.stringify(name),
      })
    }
    this.#name = name
  }

  /** What its weights are called by: `dense/kernel` gets `dense/kernel/low_rank/a`. */
  get name(): string {
    return this.#name ?? snakeCaseName(this.className)
  }

  /** Whether training changes the base, too, where it changed the weight before. Default true. */
  get trainsBase(): boolean {
    return true
  }

  /**
   * What the base holds of the weight's value: another dtype or shape where it is kept in other words, such as int8.
   * Default: the value. An adapter of a weight that is adapted already has to leave the base as it is.
   */
  encode(weight: Tensor): Tensor {
    return weight
  }

  /**
   * The weights that it adds, by name.
   *
   * @param weight the value of the weight at the moment.
   * @throws ArgumentError for a weight that it cannot adapt.
   */
  abstract addedWeights(weight: Tensor): Readonly<Record<Added, AdapterWeight>>

  /**
   * The weight's value, of the shape and dtype that the layer knows. Traced wherever the layer reads it: from the base
   * and the added weights alone, without random numbers.
   *
   * @param shape of the weight.
   */
  abstract compute(base: Tensor, added: Readonly<Record<Added, Tensor>>, shape: Shape): Tensor

  /**
   * The share of inputs that training drops before they meet what the adapter adds to the weight; the base gets them all. It
   * counts in dense layers, whose outputs are linear in their kernels. Default 0.
   */
  get inputDropout(): number {
    return 0
  }

  /** What `compute` adds to the base. Default: the difference. */
  update(base: Tensor, added: Readonly<Record<Added, Tensor>>, shape: Shape): Tensor {
    return this.compute(base, added, shape).sub(base)
  }

  /** What makes the adapter again with `new` and these options; JSON. */
  getConfig(): Record<string, unknown> {
    return this.#name === undefined ? {} : { name: this.#name }
  }
}

/** An adapter of whatever weights. */
export type AnyAdapter = WeightAdapter<never>
