import type { DType } from '../base/dtype.ts'
import { number, optionsOf } from '../base/options.ts'
import type { Configurable } from '../base/serialization.ts'
import type { Shape } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * What a weight begins as.
 *
 * @example
 * class Halves extends Initializer {
 *   readonly className = 'Halves'
 *   initialize(shape: Shape, dtype: DType = 'float32') { return full(shape, 0.5, { dtype }) }
 * }
 */
export abstract class Initializer implements Configurable {
  /** The class's name in saved configurations; Keras's where Keras has the initializer. */
  abstract readonly className: string

  /** A tensor of the shape; nothing is computed yet. Default dtype float32. */
  abstract initialize(shape: Shape, dtype?: DType): Tensor

  /** What makes the initializer again with these options; JSON. */
  getConfig(): Record<string, unknown> {
    return {}
  }
}

/** Options of initializers that draw random numbers. */
export interface RandomInitializerOptions {
  /** Makes every draw of the initializer the same. Default: each draw differs, by the generator's seed. */
  readonly seed?: number | undefined
}

export const randomInitializerChecks = optionsOf<RandomInitializerOptions>()({ seed: number })
