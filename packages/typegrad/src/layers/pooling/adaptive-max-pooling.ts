import { takes } from '../../base/takes.ts'
import { adaptiveMaxPool } from '../../ops/adaptive-pooling.ts'
import { AdaptivePooling, type AdaptivePoolingOptions, adaptivePoolingChecks } from './adaptive-pooling.ts'

/** The largest element of so many windows of a sequence; see {@link adaptiveMaxPooling1d}. */
@takes(adaptivePoolingChecks)
export class AdaptiveMaxPooling1D extends AdaptivePooling {
  readonly className = 'AdaptiveMaxPooling1D'
  protected readonly pool = adaptiveMaxPool
  constructor(options: AdaptivePoolingOptions) {
    super('AdaptiveMaxPooling1D', 1, options)
  }
}

/** The largest element of so many windows of an image; see {@link adaptiveMaxPooling2d}. */
@takes(adaptivePoolingChecks)
export class AdaptiveMaxPooling2D extends AdaptivePooling {
  readonly className = 'AdaptiveMaxPooling2D'
  protected readonly pool = adaptiveMaxPool
  constructor(options: AdaptivePoolingOptions) {
    super('AdaptiveMaxPooling2D', 2, options)
  }
}

/** The largest element of so many windows of a volume; see {@link adaptiveMaxPooling3d}. */
@takes(adaptivePoolingChecks)
export class AdaptiveMaxPooling3D extends AdaptivePooling {
  readonly className = 'AdaptiveMaxPooling3D'
  protected readonly pool = adaptiveMaxPool
  constructor(options: AdaptivePoolingOptions) {
    super('AdaptiveMaxPooling3D', 3, options)
  }
}

/**
 * The largest element of every window, in each channel, of a sequence of any size: as many windows as `outputSize` says.
 *
 * Input (batch, steps, channels), output (batch, outputSize, channels).
 *
 * @throws ShapeError for an input of another rank, ArgumentError for sizes that are none.
 * @example
 * layers.adaptiveMaxPooling1d({ outputSize: 4 })
 */
export const adaptiveMaxPooling1d = (options: AdaptivePoolingOptions): AdaptiveMaxPooling1D =>
  new AdaptiveMaxPooling1D(options)

/**
 * The largest element of every window, in each channel, of an image of any size: as many windows as `outputSize` says.
 *
 * Input (batch, height, width, channels), output (batch, …outputSize, channels); with `dataFormat: 'channelsFirst'`
 * the channels come right after the batch.
 *
 * @throws ShapeError for an input of another rank, ArgumentError for sizes that are none.
 * @example
 * layers.adaptiveMaxPooling2d({ outputSize: [7, 7] })
 */
export const adaptiveMaxPooling2d = (options: AdaptivePoolingOptions): AdaptiveMaxPooling2D =>
  new AdaptiveMaxPooling2D(options)

/**
 * The largest element of every window, in each channel, of a volume of any size: as many windows as `outputSize` says.
 *
 * Input (batch, depth, height, width, channels), output (batch, …outputSize, channels); with `dataFormat: 'channelsFirst'`
 * the channels come right after the batch.
 *
 * @throws ShapeError for an input of another rank, ArgumentError for sizes that are none.
 * @example
 * layers.adaptiveMaxPooling3d({ outputSize: 4 })
 */
export const adaptiveMaxPooling3d = (options: AdaptivePoolingOptions): AdaptiveMaxPooling3D =>
  new AdaptiveMaxPooling3D(options)
