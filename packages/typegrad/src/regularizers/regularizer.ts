import type { Configurable } from '../base/serialization.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * What a weight costs beside the loss, so that training keeps it small.
 *
 * @example
 * class Entropy extends Regularizer {
 *   readonly className = 'Entropy'
 *   penalty(weight: Tensor) { const p = weight.softmax(); return p.mul(p.log()).sum() }
 *   getConfig() { return {} }
 * }
 */
export abstract class Regularizer implements Configurable {
  /** The class's name in saved configurations; Keras's where Keras has the regularizer. */
  abstract readonly className: string

  /** The scalar that is added to the loss. Traced. */
  abstract penalty(weight: Tensor): Tensor

  /** What makes the regularizer again with these options; JSON. */
  abstract getConfig(): Record<string, unknown>
}
