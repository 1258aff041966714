import type { DType } from '../base/dtype.ts'
import { ShapeError } from '../base/errors.ts'
import { number, optionsOf } from '../base/options.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { mul } from '../ops/arithmetic.ts'
import { eye } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Initializer } from './initializer.ts'

export interface IdentityOptions {
  /** What stands on the diagonal. Default 1. */
  readonly gain?: number | undefined
}

export const identityChecks = optionsOf<IdentityOptions>()({ gain: number })

/** See {@link identity}. */
@takes(identityChecks)
export class Identity extends Initializer {
  readonly className = 'Identity'
  readonly gain: number

  constructor({ gain = 1 }: IdentityOptions = {}) {
    super()
    this.gain = gain
  }

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    const [rows, columns] = shape
    if (shape.length !== 2 || rows === undefined || columns === undefined) {
      throw new ShapeError({
        where: 'identity initializer',
        expected: 'the shape of a matrix',
        received: formatShape(shape),
      })
    }
    const matrix = eye(rows, columns, { dtype })
    return this.gain === 1 ? matrix : mul(matrix, this.gain)
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain }
  }
}

/**
 * The identity matrix, times a gain; for matrices alone.
 *
 * @throws ShapeError for a weight that is no matrix, when it is made.
 */
export const identity = (options: IdentityOptions = {}): Identity => new Identity(options)
