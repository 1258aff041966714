import { sizeOf } from '../base/shape.ts'
import type { Windows } from './patches.ts'

/**
 * What windows make of images channel by channel, for images whose channels are last: depthwise convolutions and
 * poolings, and their gradients. Windows are those of {@link Windows}; what lies outside of an image does not count.
 *
 * | operation | inputs | output |
 * | --- | --- | --- |
 * | `conv` | images (N, H, W, C), kernel (…window, C) | (N, …places, C) |
 * | `convInputGradient` | cotangent (N, …places, C), kernel | cotangent of the images |
 * | `convKernelGradient` | images, cotangent | (parts, …window, C): what each part of the places adds |
 * | `max` | images | (N, …places, C); NaN wins |
 * | `maxGradient` | images, maxima, cotangent of the maxima | cotangent of the images: the first of equal maxima gets it |
 */
export interface ChannelWindowsKernel extends Windows {
  readonly kind: 'channelWindows'
  readonly operation: 'conv' | 'convInputGradient' | 'convKernelGradient' | 'max' | 'maxGradient'
  /** Into how many parts the work is cut at least, where that is possible: the number of threads. */
  readonly parts: number
}

/** Elements of each input. */
export function channelWindowInputs({
  images,
  places,
  window,
  operation,
}: ChannelWindowsKernel): readonly number[] {
  const [batch, , , channels] = images as readonly [number, number, number, number]
  const pixels = sizeOf(images)
  const weights = window[0] * window[1] * channels
  const placed = batch * places[0] * places[1] * channels
  return {
    conv: [pixels, weights],
    convInputGradient: [placed, weights],
    convKernelGradient: [pixels, placed],
    max: [pixels],
    maxGradient: [pixels, placed, placed],
  }[operation]
}
