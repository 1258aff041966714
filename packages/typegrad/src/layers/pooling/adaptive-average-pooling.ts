import { takes } from '../../base/takes.ts'
import { adaptiveAveragePool } from '../../ops/adaptive-pooling.ts'
import { AdaptivePooling, type AdaptivePoolingOptions, adaptivePoolingChecks } from './adaptive-pooling.ts'

/** The mean of so many windows of a sequence; see {@link adaptiveAveragePooling1d}. */
@takes(adaptivePoolingChecks)
export class AdaptiveAveragePooling1D extends AdaptivePooling {
  readonly className = 'AdaptiveAveragePooling1D'
  protected readonly pool = adaptiveAveragePool
  constructor(options: AdaptivePoolingOptions) {
    super('AdaptiveAveragePooling1D', 1, options)
  }
}

/** The mean of so many windows of an image; see {@link adaptiveAveragePooling2d}. */
@takes(adaptivePoolingChecks)
export class AdaptiveAveragePooling2D extends AdaptivePooling {
  readonly className = 'AdaptiveAveragePooling2D'
  protected readonly pool = adaptiveAveragePool
  constructor(options: AdaptivePoolingOptions) {
    super('AdaptiveAveragePooling2D', 2, options)
  }
}

/** The mean of so many windows of a volume; see {@link adaptiveAveragePooling3d}. */
@takes(adaptivePoolingChecks)
export class AdaptiveAveragePooling3D extends AdaptivePooling {
  readonly className = 'AdaptiveAveragePooling3D'
  protected readonly pool = adaptiveAveragePool
  constructor(options: AdaptivePoolingOptions) {
    super('AdaptiveAveragePooling3D', 3, options)
  }
}

/**
 * The mean of every window, in each channel, of a sequence of any size: as many windows as `outputSize` says.
 *
 * Input (batch, steps, channels), output (batch, outputSize, channels).
 *
 * @throws ShapeError for an input of another rank, ArgumentError for sizes that are none.
 * @example
 * layers.adaptiveAveragePooling1d({ outputSize: 4 })
 */
export const adaptiveAveragePooling1d = (options: AdaptivePoolingOptions): AdaptiveAveragePooling1D =>
  new AdaptiveAveragePooling1D(options)

/**
 * The mean of every window, in each channel, of an image of any size: as many windows as `outputSize` says.
 *
 * Input (batch, height, width, channels), output (batch, …outputSize, channels); with `dataFormat: 'channelsFirst'`
 * the channels come right after the batch.
 *
 * @throws ShapeError for an input of another rank, ArgumentError for sizes that are none.
 * @example
 * layers.adaptiveAveragePooling2d({ outputSize: [7, 7] })
 */
export const adaptiveAveragePooling2d = (options: AdaptivePoolingOptions): AdaptiveAveragePooling2D =>
  new AdaptiveAveragePooling2D(options)

/**
 * The mean of every window, in each channel, of a volume of any size: as many windows as `outputSize` says.
 *
 * Input (batch, depth, height, width, channels), output (batch, …outputSize, channels); with `dataFormat: 'channelsFirst'`
 * the channels come right after the batch.
 *
 * @throws ShapeError for an input of another rank, ArgumentError for sizes that are none.
 * @example
 * layers.adaptiveAveragePooling3d({ outputSize: 4 })
 */
export const adaptiveAveragePooling3d = (options: AdaptivePoolingOptions): AdaptiveAveragePooling3D =>
  new AdaptiveAveragePooling3D(options)
