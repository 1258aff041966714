import { takes } from '../../base/takes.ts'
import { max } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { GlobalPooling, type GlobalPoolingOptions, globalPoolingChecks } from './global-pooling.ts'

const reduced = (x: Tensor, axes: readonly number[], keepDims: boolean): Tensor => max(x, axes, { keepDims })

/** The largest element of a whole sequence; see {@link globalMaxPooling1d}. */
@takes(globalPoolingChecks)
export class GlobalMaxPooling1D extends GlobalPooling {
  readonly className = 'GlobalMaxPooling1D'
  protected readonly reduce = reduced
  constructor(options?: GlobalPoolingOptions) {
    super('GlobalMaxPooling1D', 1, options)
  }
}

/** The largest element of a whole image; see {@link globalMaxPooling2d}. */
@takes(globalPoolingChecks)
export class GlobalMaxPooling2D extends GlobalPooling {
  readonly className = 'GlobalMaxPooling2D'
  protected readonly reduce = reduced
  constructor(options?: GlobalPoolingOptions) {
    super('GlobalMaxPooling2D', 2, options)
  }
}

/** The largest element of a whole volume; see {@link globalMaxPooling3d}. */
@takes(globalPoolingChecks)
export class GlobalMaxPooling3D extends GlobalPooling {
  readonly className = 'GlobalMaxPooling3D'
  protected readonly reduce = reduced
  constructor(options?: GlobalPoolingOptions) {
    super('GlobalMaxPooling3D', 3, options)
  }
}

/**
 * The largest element of every channel over a whole sequence.
 *
 * Input (batch, steps, channels), output (batch, channels), or (batch, 1, channels) with `keepdims`.
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.globalMaxPooling1d()
 */
export const globalMaxPooling1d = (options?: GlobalPoolingOptions): GlobalMaxPooling1D =>
  new GlobalMaxPooling1D(options)

/**
 * The largest element of every channel over a whole image.
 *
 * Input (batch, height, width, channels), output (batch, channels), or (batch, 1, 1, channels) with
 * `keepdims`; with `dataFormat: 'channelsFirst'` the channels come right after the batch.
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.globalMaxPooling2d({ keepdims: true })
 */
export const globalMaxPooling2d = (options?: GlobalPoolingOptions): GlobalMaxPooling2D =>
  new GlobalMaxPooling2D(options)

/**
 * The largest element of every channel over a whole volume.
 *
 * Input (batch, depth, height, width, channels), output (batch, channels), or (batch, 1, 1, 1, channels)
 * with `keepdims`.
 *
 * @throws ShapeError for an input of another rank.
 * @example
 * layers.globalMaxPooling3d()
 */
export const globalMaxPooling3d = (options?: GlobalPoolingOptions): GlobalMaxPooling3D =>
  new GlobalMaxPooling3D(options)
