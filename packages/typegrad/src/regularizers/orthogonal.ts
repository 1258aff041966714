import { ArgumentError, ShapeError } from '../base/errors.ts'
import { anything, number, optionsOf } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { maximum, mul, sub } from '../ops/arithmetic.ts'
import { abs, rsqrt, square } from '../ops/elementwise.ts'
import { matmul } from '../ops/linear-algebra.ts'
import { sum } from '../ops/reduce.ts'
import { transpose } from '../ops/shape.ts'
import { eye } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Regularizer } from './regularizer.ts'

export interface OrthogonalRegularizerOptions {
  /** How much the penalty counts. Default 0.01. */
  readonly factor?: number | undefined
  /** Which vectors shall stand at right angles. Default `'rows'`. */
  readonly mode?: 'rows' | 'columns' | undefined
}

export const orthogonalRegularizerChecks = optionsOf<OrthogonalRegularizerOptions>()({
  factor: number,
  mode: anything,
})

/** See {@link orthogonalRegularizer}. */
@takes(orthogonalRegularizerChecks)
export class OrthogonalRegularizer extends Regularizer {
  readonly className = 'OrthogonalRegularizer'
  readonly factor: number
  readonly mode: 'rows' | 'columns'

  constructor({ factor = 0.01, mode = 'rows' }: OrthogonalRegularizerOptions = {}) {
    super()
    if (!(factor >= 0 && Number.isFinite(factor))) {
      throw new ArgumentError({
        where: 'orthogonalRegularizer: factor',
        expected: 'a number of at least 0',
        received: String(factor),
      })
    }
    if (mode !== 'rows' && mode !== 'columns') {
      throw new ArgumentError({
        where: 'orthogonalRegularizer: mode',
        expected: "'rows' or 'columns'",
        received: JSON.stringify(mode),
      })
    }
    this.factor = factor
    this.mode = mode
  }

  override penalty(weight: Tensor): Tensor {
    if (weight.rank !== 2) {
      throw new ShapeError({
        where: 'orthogonalRegularizer',
        expected: 'a matrix',
        received: `shape ${formatShape(weight.shape)}`,
        fix: 'Use it for the kernels of dense layers.',
      })
    }
    const rows = this.mode === 'rows' ? weight : transpose(weight)
    const count = rows.shape[0] as number
    // One vector has no other that it could be at an angle to.
    const pairs = Math.max(1, (count * (count - 1)) / 2)
    const squares = sum(square(rows), 1, { keepDims: true })
    // A vector of zeros has no direction.
    const unit = mul(rows, rsqrt(maximum(squares, 1e-12)))
    const cosines = matmul(unit, transpose(unit))
    const others = mul(cosines, sub(1, eye(count)))
    return mul(sum(abs(others)), (this.factor * 0.5) / pairs)
  }

  override getConfig(): Record<string, unknown> {
    return { factor: this.factor, mode: this.mode }
  }
}

/**
 * factor · mean over pairs of |cos ∠(wᵢ, wⱼ)|: keeps the rows (or columns) of a matrix at right angles.
 *
 * @throws ArgumentError for a negative factor or another mode; ShapeError for a weight that is no matrix.
 * @example
 * layers.dense({ units: 4, kernelRegularizer: regularizers.orthogonalRegularizer({ mode: 'columns' }) })
 */
export const orthogonalRegularizer = (options: OrthogonalRegularizerOptions = {}): OrthogonalRegularizer =>
  new OrthogonalRegularizer(options)
