import { takes } from '../../base/takes.ts'
import { where } from '../../ops/comparison.ts'
import { mean, sum } from '../../ops/reduce.ts'
import { broadcastTo } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { CallContext } from '../base/layer.ts'
import { type Mask, maskOfSteps } from '../base/masks.ts'
import { GlobalPooling, type GlobalPoolingOptions, globalPoolingChecks } from './global-pooling.ts'

const reduced = (x: Tensor, axes: readonly number[], keepDims: boolean): Tensor => mean(x, axes, { keepDims })

/** The mean of a whole sequence; see {@link globalAveragePooling1d}. */
@takes(globalPoolingChecks)
export class GlobalAveragePooling1D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling1D'
  protected readonly reduce = reduced
  constructor(options?: GlobalPoolingOptions) {
    super('GlobalAveragePooling1D', 1, options)
  }

  override get supportsMasking(): boolean {
    return true
  }

  /** None: the steps are gone. */
  override computeMask(): undefined {
    return undefined
  }

  override impliedMask([mask]: readonly Mask[]): Mask {
    return maskOfSteps(mask)
  }

  /** Over the steps that count alone; of a sequence without any it is 0 / 0 = NaN, as in Keras. */
  override call(x: Tensor, { mask }: CallContext = { training: false }): Tensor {
    if (mask === undefined) return super.call(x)
    const last = this.dataFormat === 'channelsLast'
    const [steps, channels] = last ? [1, -1] : [2, 1]
    const counted = mask.cast('bool').expandDims(channels)
    const options = { keepDims: this.keepdims }
    const total = sum(where(broadcastTo(counted, x.shape), x, 0), steps, options)
    return total.div(sum(counted.cast(x.dtype), steps, options))
  }
}

/** The mean of a whole image; see {@link globalAveragePooling2d}. */
@takes(globalPoolingChecks)
export class GlobalAveragePooling2D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling2D'
  protected readonly reduce = reduced
  constructor(options?: GlobalPoolingOptions) {
    super('GlobalAveragePooling2D', 2, options)
  }
}

/** The mean of a whole volume; see {@link globalAveragePooling3d}. */
@takes(globalPoolingChecks)
export class GlobalAveragePooling3D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling3D'
  protected readonly reduce = reduced
  constructor(options?: GlobalPoolingOptions) {
    super('GlobalAveragePooling3D', 3, options)
  }
}

/**
 * The mean of every channel over a whole sequence, or over those of its steps that count where it has a mask.
 *
 * Input (batch, steps, channels), output (batch, channels), or (batch, 1, channels) with `keepdims`. Of a sequence
 * whose steps are all masked the mean is NaN, as in Keras.
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.globalAveragePooling1d()
 */
export const globalAveragePooling1d = (options?: GlobalPoolingOptions): GlobalAveragePooling1D =>
  new GlobalAveragePooling1D(options)

/**
 * The mean of every channel over a whole image.
 *
 * Input (batch, height, width, channels), output (batch, channels), or (batch, 1, 1, channels) with
 * `keepdims`; with `dataFormat: 'channelsFirst'` the channels come right after the batch.
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.globalAveragePooling2d({ keepdims: true })
 */
export const globalAveragePooling2d = (options?: GlobalPoolingOptions): GlobalAveragePooling2D =>
  new GlobalAveragePooling2D(options)

/**
 * The mean of every channel over a whole volume.
 *
 * Input (batch, depth, height, width, channels), output (batch, channels), or (batch, 1, 1, 1, channels)
 * with `keepdims`.
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.globalAveragePooling3d()
 */
export const globalAveragePooling3d = (options?: GlobalPoolingOptions): GlobalAveragePooling3D =>
  new GlobalAveragePooling3D(options)
