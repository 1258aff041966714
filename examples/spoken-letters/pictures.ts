import type { SoundFeatures } from '@typegrad/data'
import { bandCount } from './heard.ts'

/** Steps of 10 ms that the network sees of a word: longer ones end there. */
export const steps = 80

/** How a word is changed: said at another speed, by a throat of another length, through another microphone, in noise. */
interface Change {
  /** How many steps of the recording one of the picture is. */
  readonly speed: number
  /** Steps before the word begins. */
  readonly shift: number
  /** How many bands of the recording one of the picture is: formants stand higher in a shorter throat. */
  readonly warp: number
  /** Decibels that the highest band is louder than the lowest. */
  readonly tilt: number
  /** Decibels below the loudest that noise stands at. */
  readonly noise: number
}

const none: Change = { speed: 1, shift: 0, warp: 1, tilt: 0, noise: -60 }

/** Numbers from 0 to below 1. */
export type Draw = () => number

const between = (draw: Draw, low: number, high: number): number => low + (high - low) * draw()

const drawn = (draw: Draw): Change => ({
  speed: between(draw, 0.75, 1.3),
  shift: Math.floor(between(draw, 0, 9)),
  warp: between(draw, 0.88, 1.14),
  tilt: between(draw, -15, 15),
  noise: between(draw, -60, -18),
})

/**
 * A word as a picture (steps, bands) of decibels of about mean 0 and deviation 1.
 *
 * @param draw changes the word at random, as it would be said by others elsewhere, and hides a run of steps and one of bands
 * (SpecAugment, Park et al. 2019, https://arxiv.org/abs/1904.08779). None: the word as it is.
 */
export function picture({ data, shape: [length] }: SoundFeatures, out: Float32Array, draw?: Draw): void {
  const { speed, shift, warp, tilt, noise } = draw === undefined ? none : drawn(draw)
  const floor = 10 ** (noise / 10)
  const at = (step: number, band: number): number => data[step * bandCount + band] as number
  for (let step = 0; step < steps; step++) {
    const from = (step - shift) * speed
    for (let band = 0; band < bandCount; band++) {
      let decibels = -60
      if (from >= 0 && from <= length - 1) {
        const of = Math.min(bandCount - 1, band * warp)
        const [s, b] = [Math.floor(from), Math.floor(of)]
        const [s1, b1] = [Math.min(length - 1, s + 1), Math.min(bandCount - 1, b + 1)]
        const [x, y] = [from - s, of - b]
        decibels =
          (1 - x) * ((1 - y) * at(s, b) + y * at(s, b1)) +
          x * ((1 - y) * at(s1, b) + y * at(s1, b1)) +
          tilt * (band / bandCount - 0.5)
      }
      const power =
        draw === undefined ? 10 ** (decibels / 10) : 10 ** (decibels / 10) + floor * (0.5 + draw())
      out[step * bandCount + band] = (Math.max(-60, 10 * Math.log10(power)) + 40) / 20
    }
  }
  if (draw === undefined) return
  const hide = (most: number, count: number, place: (i: number) => void): void => {
    const width = Math.floor(draw() * (most + 1))
    const first = Math.floor(draw() * (count - width))
    for (let i = first; i < first + width; i++) place(i)
  }
  hide(8, steps, (step) => out.fill(-1, step * bandCount, (step + 1) * bandCount))
  hide(4, bandCount, (band) => {
    for (let step = 0; step < steps; step++) out[step * bandCount + band] = -1
  })
}

/** Pictures of several words, one after another: (words, steps, bands). */
export function pictures(words: readonly SoundFeatures[], draw?: Draw): Float32Array {
  const size = steps * bandCount
  const data = new Float32Array(words.length * size)
  for (const [i, word] of words.entries()) picture(word, data.subarray(i * size, (i + 1) * size), draw)
  return data
}
