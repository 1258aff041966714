// The simple way: a picture is of the kind whose picture has the most similar colours.
import type { Stamp } from './stamps.ts'

const levels = 4

/** Shares of 64 colours (four levels of red, green and blue) in what is drawn. */
export function histogram({ pixels, opacity }: Stamp): Float32Array {
  const counts = new Float32Array(levels ** 3)
  const level = (at: number): number =>
    Math.min(levels - 1, Math.floor(((pixels[at] as number) / 256) * levels))
  let sum = 0
  for (const [i, share] of opacity.entries()) {
    const bin = (level(3 * i) * levels + level(3 * i + 1)) * levels + level(3 * i + 2)
    counts[bin] = (counts[bin] as number) + share
    sum += share
  }
  return sum === 0 ? counts : counts.map((count) => count / sum)
}

/**
 * The kind of the nearest picture, by the sum of what two histograms share (Swain and Ballard 1991, "Color indexing").
 *
 * @returns a kind for each of `asked`.
 */
export function nearestByColour(known: readonly Stamp[], asked: readonly Stamp[]): number[] {
  const histograms = known.map(histogram)
  return asked.map((stamp) => {
    const own = histogram(stamp)
    const shared = histograms.map((other) =>
      other.reduce((sum, share, i) => sum + Math.min(share, own[i] as number), 0),
    )
    return known[shared.indexOf(Math.max(...shared))]?.kind ?? 0
  })
}
