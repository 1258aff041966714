import { needed, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { broadcastTo, reshape } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { checkRank, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { positiveWhole } from '../convolutional/convolution.ts'

export interface RepeatVectorOptions extends LayerOptions {
  /** How many times. */
  readonly n: number
}

export const repeatVectorChecks = optionsOf<RepeatVectorOptions>()({ n: needed(number), ...layerChecks })

/** A vector as every step of a sequence; see {@link repeatVector}. */
@takes(repeatVectorChecks)
export class RepeatVector extends Layer {
  readonly className = 'RepeatVector'
  readonly n: number

  constructor({ n, ...options }: RepeatVectorOptions) {
    super(options)
    this.n = positiveWhole('RepeatVector: n', n)
  }

  override build(inputShape: SymbolicShape): void {
    checkRank(this, inputShape, 2, '(batch, features)')
  }

  call(x: Tensor): Tensor {
    const [batch, features] = x.shape as [number, number]
    return broadcastTo(reshape(x, [batch, 1, features]), [batch, this.n, features])
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), n: this.n }
  }
}

/**
 * Repeats a vector `n` times, as the steps of a sequence.
 *
 * Input (batch, features), output (batch, n, features).
 *
 * @throws ArgumentError for an n that is none, ShapeError for an input of another rank.
 * @example
 * layers.repeatVector({ n: 3 })
 */
export const repeatVector = (options: RepeatVectorOptions): RepeatVector => new RepeatVector(options)
