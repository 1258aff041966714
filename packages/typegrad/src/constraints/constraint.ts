import type { Configurable } from '../base/serialization.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * What a weight is made to be after every step.
 *
 * @example
 * class ZeroMean extends Constraint {
 *   readonly className = 'ZeroMean'
 *   apply(weight: Tensor) { return weight.sub(weight.mean()) }
 * }
 */
export abstract class Constraint implements Configurable {
  /** The class's name in saved configurations; Keras's where Keras has the constraint. */
  abstract readonly className: string

  /** The weight as it has to be: same shape and dtype. Traced. */
  abstract apply(weight: Tensor): Tensor

  /** What makes the constraint again with these options; JSON. */
  getConfig(): Record<string, unknown> {
    return {}
  }
}
