import { takes } from '../../base/takes.ts'
import { averagePool } from '../../ops/pooling.ts'
import { Pooling, type PoolingOptions, poolingChecks } from './pooling.ts'

/** The mean of windows of a sequence; see {@link averagePooling1d}. */
@takes(poolingChecks)
export class AveragePooling1D extends Pooling {
  readonly className = 'AveragePooling1D'
  protected readonly pool = averagePool
  constructor(options?: PoolingOptions) {
    super('AveragePooling1D', 1, options)
  }
}

/** The mean of windows of an image; see {@link averagePooling2d}. */
@takes(poolingChecks)
export class AveragePooling2D extends Pooling {
  readonly className = 'AveragePooling2D'
  protected readonly pool = averagePool
  constructor(options?: PoolingOptions) {
    super('AveragePooling2D', 2, options)
  }
}

/** The mean of windows of a volume; see {@link averagePooling3d}. */
@takes(poolingChecks)
export class AveragePooling3D extends Pooling {
  readonly className = 'AveragePooling3D'
  protected readonly pool = averagePool
  constructor(options?: PoolingOptions) {
    super('AveragePooling3D', 3, options)
  }
}

/**
 * The mean of every window, in each channel and without counting padding, along a sequence.
 *
 * Input (batch, steps, channels), output (batch, new steps, channels).
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.averagePooling1d({ poolSize: 2 })
 */
export const averagePooling1d = (options?: PoolingOptions): AveragePooling1D => new AveragePooling1D(options)

/**
 * The mean of every window, in each channel and without counting padding, of an image.
 *
 * Input (batch, height, width, channels), output (batch, new height, new width, channels); with
 * `dataFormat: 'channelsFirst'` the channels come right after the batch.
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.averagePooling2d({ poolSize: [2, 2], padding: 'same' })
 */
export const averagePooling2d = (options?: PoolingOptions): AveragePooling2D => new AveragePooling2D(options)

/**
 * The mean of every window, in each channel and without counting padding, of a volume.
 *
 * Input (batch, depth, height, width, channels), output (batch, …, channels).
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.averagePooling3d({ poolSize: 2 })
 */
export const averagePooling3d = (options?: PoolingOptions): AveragePooling3D => new AveragePooling3D(options)
