import type { DType } from '../base/dtype.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { number, optionsOf } from '../base/options.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { scan } from '../ops/scan.ts'
import { normal } from '../random/distributions.ts'
import { eye } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Initializer, type RandomInitializerOptions, randomInitializerChecks } from './initializer.ts'

export interface OrthogonalOptions extends RandomInitializerOptions {
  /** The matrix is multiplied with it. Default 1. */
  readonly gain?: number | undefined
}

export const orthogonalChecks = optionsOf<OrthogonalOptions>()({ gain: number, ...randomInitializerChecks })

/** See {@link orthogonal}. */
@takes(orthogonalChecks)
export class Orthogonal extends Initializer {
  readonly className = 'Orthogonal'
  readonly gain: number
  readonly seed: number | undefined

  constructor({ gain = 1, seed }: OrthogonalOptions = {}) {
    super()
    if (!Number.isFinite(gain)) {
      throw new ArgumentError({
        where: 'orthogonal initializer',
        expected: 'a finite gain',
        received: String(gain),
      })
    }
    this.gain = gain
    this.seed = seed
  }

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    if (shape.length < 2) {
      throw new ShapeError({
        where: 'orthogonal initializer',
        expected: 'the shape of a weight with at least two dimensions',
        received: formatShape(shape),
      })
    }
    const columns = shape.at(-1) as number
    const rows = sizeOf(shape) / columns
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)]
    const basis = orthonormal(normal([count, length], { seed: this.seed, dtype }))
    const matrix = rows > columns ? basis.transpose() : basis
    return matrix.mul(this.gain).reshape(shape)
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain, seed: this.seed ?? null }
  }
}

/**
 * Rows made orthonormal one after another, by Gram and Schmidt: of normally distributed ones, matrices of all
 * directions alike. Each row loses its part in the others twice, for one time leaves what rounding adds.
 */
function orthonormal(rows: Tensor): Tensor {
  const [count] = rows.shape as readonly [number, number]
  const { carries } = scan({
    initial: [rows.mul(0)],
    sequences: [rows, eye(count, count, { dtype: rows.dtype })],
    step: ([basis], [row, place]) => {
      const known = basis // (count, length), zero where no row is yet
      const alone = (v: Tensor): Tensor => v.sub(v.matmul(known.transpose()).matmul(known))
      const rest = alone(alone(row.reshape([1, -1])))
      const unit = rest.div(rest.square().sum().sqrt())
      return { carries: [known.add(place.reshape([count, 1]).mul(unit))] }
    },
  })
  return carries[0]
}

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times a gain; of a weight with more
 * dimensions the last one makes the columns. Saxe et al. 2014, https://arxiv.org/abs/1312.6120
 *
 * @throws ShapeError for a weight with fewer than two dimensions, when it is made.
 */
export const orthogonal = (options: OrthogonalOptions = {}): Orthogonal => new Orthogonal(options)
