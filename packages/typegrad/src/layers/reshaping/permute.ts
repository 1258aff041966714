import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, needed, optionsOf } from '../../base/options.ts'
import { formatShape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { transpose } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'

export interface PermuteOptions extends LayerOptions {
  /** Which axis of the input comes to each place; they count from 1, for the batch stays in front. */
  readonly dims: readonly number[]
}

export const permuteChecks = optionsOf<PermuteOptions>()({ dims: needed(anything), ...layerChecks })

/** Axes in another order; see {@link permute}. */
@takes(permuteChecks)
export class Permute extends Layer {
  readonly className = 'Permute'
  readonly dims: readonly number[]

  constructor({ dims, ...options }: PermuteOptions) {
    super(options)
    if (!Array.isArray(dims) || [...dims].sort((a, b) => a - b).some((dim, i) => dim !== i + 1)) {
      throw new ArgumentError({
        where: 'Permute: dims',
        expected: 'the numbers from 1 to the number of dimensions, each once',
        received: JSON.stringify(dims),
      })
    }
    this.dims = dims
  }

  override build(inputShape: SymbolicShape): void {
    if (inputShape.length === this.dims.length + 1) return
    throw new ShapeError({
      where: 'Permute',
      expected: `an input of rank ${this.dims.length + 1} for dims ${formatShape(this.dims)}`,
      received: `shape ${formatSymbolicShape(inputShape)}`,
    })
  }

  call(x: Tensor): Tensor {
    return transpose(x, [0, ...this.dims])
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dims: this.dims }
  }
}

/**
 * Puts the axes of samples into another order.
 *
 * @throws ArgumentError for dims that are no order, ShapeError for an input of another rank.
 * @example
 * layers.permute({ dims: [2, 1] }) // (batch, 10, 64) → (batch, 64, 10)
 */
export const permute = (options: PermuteOptions): Permute => new Permute(options)
