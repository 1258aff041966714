import { anything, finite, optionsOf } from '../../../base/options.ts'
import { canonicalName } from '../../../base/registry.ts'
import type { FillMode, SamplingOptions } from '../../../ops/image/map-coordinates.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { RandomImageLayer, type RandomImageOptions, randomImageChecks } from './image-layer.ts'

/** Options of layers that move pixels. */
export interface SampledOptions extends RandomImageOptions {
  /** What is beyond the edges; see `FillMode`. Default `'reflect'`. */
  readonly fillMode?: FillMode
  /** The nearest pixel, or lines between pixels. Masks are always of the nearest. Default `'bilinear'`. */
  readonly interpolation?: 'nearest' | 'bilinear'
  /** The value beyond the edges for `fillMode: 'constant'`. Default 0. */
  readonly fillValue?: number
}

export const sampledChecks = optionsOf<SampledOptions>()({
  fillMode: anything,
  interpolation: anything,
  fillValue: finite,
  ...randomImageChecks,
})

const modes: Readonly<Record<FillMode, true>> = {
  constant: true,
  nearest: true,
  wrap: true,
  mirror: true,
  reflect: true,
}
const interpolations = { nearest: true, bilinear: true } as const

/** A layer that moves pixels. */
export abstract class SampledLayer<T> extends RandomImageLayer<T> {
  readonly fillMode: FillMode
  readonly interpolation: 'nearest' | 'bilinear'
  readonly fillValue: number

  constructor(
    where: string,
    { fillMode = 'reflect', interpolation = 'bilinear', fillValue = 0, ...options }: SampledOptions = {},
  ) {
    super(where, options)
    this.fillMode = canonicalName(`${where}: fillMode`, fillMode, modes)
    this.interpolation = canonicalName(`${where}: interpolation`, interpolation, interpolations)
    this.fillValue = fillValue
  }

  /** Moves the pixels of images or masks (batch, height, width, channels). */
  protected abstract sample(images: Tensor, transformation: T, sampling: SamplingOptions): Tensor

  transformImages(images: Tensor, transformation: T): Tensor {
    return this.sample(images, transformation, this.#sampling(this.interpolation))
  }

  override transformSegmentationMasks(masks: Tensor, transformation: T): Tensor {
    return this.sample(masks, transformation, this.#sampling('nearest')).cast(masks.dtype)
  }

  #sampling(interpolation: 'nearest' | 'bilinear'): SamplingOptions {
    return { interpolation, fillMode: this.fillMode, fillValue: this.fillValue }
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      fillMode: this.fillMode,
      interpolation: this.interpolation,
      fillValue: this.fillValue,
    }
  }
}
