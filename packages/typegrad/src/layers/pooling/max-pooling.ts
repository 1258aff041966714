import { takes } from '../../base/takes.ts'
import { maxPool } from '../../ops/pooling.ts'
import { Pooling, type PoolingOptions, poolingChecks } from './pooling.ts'

/** The largest element of windows of a sequence; see {@link maxPooling1d}. */
@takes(poolingChecks)
export class MaxPooling1D extends Pooling {
  readonly className = 'MaxPooling1D'
  protected readonly pool = maxPool
  constructor(options?: PoolingOptions) {
    super('MaxPooling1D', 1, options)
  }
}

/** The largest element of windows of an image; see {@link maxPooling2d}. */
@takes(poolingChecks)
export class MaxPooling2D extends Pooling {
  readonly className = 'MaxPooling2D'
  protected readonly pool = maxPool
  constructor(options?: PoolingOptions) {
    super('MaxPooling2D', 2, options)
  }
}

/** The largest element of windows of a volume; see {@link maxPooling3d}. */
@takes(poolingChecks)
export class MaxPooling3D extends Pooling {
  readonly className = 'MaxPooling3D'
  protected readonly pool = maxPool
  constructor(options?: PoolingOptions) {
    super('MaxPooling3D', 3, options)
  }
}

/**
 * The largest element of every window, in each channel, and padding never wins, along a sequence.
 *
 * Input (batch, steps, channels), output (batch, new steps, channels).
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.maxPooling1d({ poolSize: 2 })
 */
export const maxPooling1d = (options?: PoolingOptions): MaxPooling1D => new MaxPooling1D(options)

/**
 * The largest element of every window, in each channel, and padding never wins, of an image.
 *
 * Input (batch, height, width, channels), output (batch, new height, new width, channels); with
 * `dataFormat: 'channelsFirst'` the channels come right after the batch.
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.maxPooling2d({ poolSize: [2, 2], padding: 'same' })
 */
export const maxPooling2d = (options?: PoolingOptions): MaxPooling2D => new MaxPooling2D(options)

/**
 * The largest element of every window, in each channel, and padding never wins, of a volume.
 *
 * Input (batch, depth, height, width, channels), output (batch, …, channels).
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.maxPooling3d({ poolSize: 2 })
 */
export const maxPooling3d = (options?: PoolingOptions): MaxPooling3D => new MaxPooling3D(options)
