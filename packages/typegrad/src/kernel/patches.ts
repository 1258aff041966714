import type { Shape } from '../base/shape.ts'

/** What windows see of images whose channels are last. */
export interface Windows {
  /** (N, H, W, C), all images. */
  readonly images: Shape
  /** Rows and columns of places at which a window stands. */
  readonly places: readonly [number, number]
  readonly window: readonly [number, number]
  readonly strides: readonly [number, number]
  /** Rows and columns from one element of a window to the next. */
  readonly dilation: readonly [number, number]
  /** Rows above and columns left of an image that count as zeros. */
  readonly before: readonly [number, number]
}

/** Images → for each place of `count` of them, from `first` on, what the window sees: (count · places, window · C). */
export interface PatchesKernel extends Windows {
  readonly kind: 'patches'
  readonly first: number
  readonly count: number
}

/** The other way: what windows say of pixels, added up: (N · places, window · C) → (N, H, W, C). */
export interface SumPatchesKernel extends Windows {
  readonly kind: 'sumPatches'
}

/** Rows and columns of the patches of `count` images. */
export const patchesShape = (
  { images, places, window }: Windows,
  count: number,
): readonly [number, number] => [count * places[0] * places[1], window[0] * window[1] * (images[3] as number)]
