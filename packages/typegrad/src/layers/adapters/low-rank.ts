import { ArgumentError } from '../../base/errors.ts'
import { anything, boolean, count, needed, number, optionsOf } from '../../base/options.ts'
import { serialize } from '../../base/serialization.ts'
import { formatShape, type Shape, sizeOf } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { getInitializer, type Initializer, type InitializerIdentifier } from '../../initializers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type AdapterOptions, type AdapterWeight, adapterChecks, WeightAdapter } from './adapter.ts'

export interface LowRankOptions extends AdapterOptions {
  /** The rank of the update, the number of columns of A and rows of B. */
  readonly rank: number
  /** The update is alpha / rank · A · B. Default: the rank, which is a scale of 1. */
  readonly alpha?: number
  /** Default `'heUniform'`. B begins as zeros, so that an adapted layer gives what it gave. */
  readonly initializer?: InitializerIdentifier
  /**
   * How many of the weight's axes, from the first on, are the rows of A; the others are the columns of B. Default: as
   * many as give the fewest parameters, such as all but the last of a convolution with many channels, and those of the
   * inputs in the projections of attention.
   */
  readonly inputAxes?: number
  /** Whether training changes the weight itself, too. Default false. */
  readonly trainsBase?: boolean
}

export const lowRankChecks = optionsOf<LowRankOptions>()({
  rank: needed(count),
  alpha: number,
  initializer: anything,
  inputAxes: count,
  trainsBase: boolean,
  ...adapterChecks,
})

/** A trained product of two small matrices beside a weight that stays; see {@link lowRank}. */
@takes(lowRankChecks)
export class LowRank extends WeightAdapter<'a' | 'b'> {
  readonly className = 'LowRank'
  readonly rank: number
  readonly alpha: number
  readonly initializer: Initializer
  readonly inputAxes: number | undefined
  readonly #trainsBase: boolean

  constructor({
    rank,
    alpha = rank,
    initializer = 'heUniform',
    inputAxes,
    trainsBase = false,
    ...options
  }: LowRankOptions) {
    super(options)
    this.rank = rank
    this.alpha = alpha
    this.initializer = getInitializer(initializer)
    this.inputAxes = inputAxes
    this.#trainsBase = trainsBase
  }

  override get trainsBase(): boolean {
    return this.#trainsBase
  }

  addedWeights({ shape }: Tensor): Readonly<Record<'a' | 'b', AdapterWeight>> {
    if (shape.length < 2 || (this.inputAxes ?? 1) >= shape.length) {
      throw new ArgumentError({
        where: this.className,
        expected: `a weight of at least ${(this.inputAxes ?? 1) + 1} axes`,
        received: `shape ${formatShape(shape)}`,
        fix: "Choose kernels alone: adapt(model, (path) => path.endsWith('/kernel'), adapter).",
      })
    }
    const axes = this.inputAxes ?? minParameters(shape)
    return {
      a: { shape: [sizeOf(shape.slice(0, axes)), this.rank], initializer: this.initializer },
      b: { shape: [this.rank, sizeOf(shape.slice(axes))], initializer: 'zeros' },
    }
  }

  /** W + alpha / rank · A · B: A (rows, rank), B (rank, columns). */
  compute(base: Tensor, { a, b }: Readonly<Record<'a' | 'b', Tensor>>): Tensor {
    const update = a.matmul(b).mul(this.alpha / this.rank)
    return base.add(update.reshape(base.shape))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      rank: this.rank,
      alpha: this.alpha,
      initializer: serialize(this.initializer),
      ...(this.inputAxes === undefined ? {} : { inputAxes: this.inputAxes }),
      trainsBase: this.trainsBase,
    }
  }
}

/** The number of leading axes whose product and that of the others add up to the least; the larger one of equals. */
function minParameters(shape: Shape): number {
  let best = { axes: 1, size: Number.POSITIVE_INFINITY }
  for (let axes = 1; axes < shape.length; axes++) {
    const size = sizeOf(shape.slice(0, axes)) + sizeOf(shape.slice(axes))
    if (size <= best.size) best = { axes, size }
  }
  return best.axes
}

/**
 * LoRA: the weight stays, and training finds an update of low rank, W + alpha / rank · A · B. Of a weight (n, m) it trains
 * rank · (n + m) numbers in the place of n · m. For {@link adapt}.
 *
 * Hu et al. 2021, https://arxiv.org/abs/2106.09685
 *
 * @throws ArgumentError for weights of one axis, such as biases.
 * @example
 * adapt(model, (path) => path.endsWith('/kernel'), lowRank({ rank: 8, alpha: 16 }))
 */
export const lowRank = (options: LowRankOptions): LowRank => new LowRank(options)
