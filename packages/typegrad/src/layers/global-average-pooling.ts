import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { GlobalPooling, type GlobalPoolingOptions } from './global-pooling.ts'

const reduced = (x: Tensor, axes: readonly number[], keepDims: boolean): Tensor =>
  mean(x, axes, { keepDims }) as Tensor

/** The mean of a whole sequence; see {@link globalAveragePooling1d}. */
export class GlobalAveragePooling1D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling1D'
  protected readonly reduce = reduced
  constructor(options?: GlobalPoolingOptions) {
    super('GlobalAveragePooling1D', 1, options)
  }
}

/** The mean of a whole image; see {@link globalAveragePooling2d}. */
export class GlobalAveragePooling2D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling2D'
  protected readonly reduce = reduced
  constructor(options?: GlobalPoolingOptions) {
    super('GlobalAveragePooling2D', 2, options)
  }
}

/** The mean of a whole volume; see {@link globalAveragePooling3d}. */
export class GlobalAveragePooling3D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling3D'
  protected readonly reduce = reduced
  constructor(options?: GlobalPoolingOptions) {
    super('GlobalAveragePooling3D', 3, options)
  }
}

/**
 * The mean of every channel over a whole sequence.
 *
 * Input (batch, steps, channels), output (batch, channels), or (batch, 1, channels) with `keepdims`.
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
