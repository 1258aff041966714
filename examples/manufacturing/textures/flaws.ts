/**
 * `textures/`: the parts of `examples/manufacturing/textures.ts`: pieces of pictures of surfaces, and flaws that are drawn into them. It
 * knows typegrad as any program does.
 */

/** Grey values from 0 (black) to 1 (white), row by row. */
export interface Surface {
  readonly data: Float32Array
  readonly height: number
  readonly width: number
}

/** A surface of half the size: each pixel is the mean of four. */
export function halved({ data, height, width }: Surface): Surface {
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)]
  const half = new Float32Array(rows * columns)
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const at = 2 * y * width + 2 * x
      const four = [at, at + 1, at + width, at + width + 1]
      half[y * columns + x] = four.reduce((sum, i) => sum + (data[i] as number), 0) / 4
    }
  return { data: half, height: rows, width: columns }
}

/** The sides of a piece that is judged, in pixels. */
export const side = 32

/** A piece of a surface from a random place whose left edge is at `from` or behind it, and whose right edge before `to`. */
export function piece(surface: Surface, from: number, to: number, random: () => number): Float32Array {
  const top = Math.floor(random() * (surface.height - side + 1))
  const left = from + Math.floor(random() * (to - from - side + 1))
  const pixels = new Float32Array(side * side)
  for (let y = 0; y < side; y++) {
    const start = (top + y) * surface.width + left
    pixels.set(surface.data.subarray(start, start + side), y * side)
  }
  return pixels
}

/** What may be wrong with a piece; each changes its pixels. Other surfaces are there to take foreign matter from. */
export const flaws = {
  /** A thin line, darker or brighter than what it crosses. */
  scratch(pixels, random) {
    const [angle, shift] = [Math.PI * random(), (random() - 0.5) * side * 0.5]
    const [across, along] = [Math.cos(angle), Math.sin(angle)]
    const change = random() < 0.5 ? -0.3 : 0.3
    const reach = side * (0.2 + 0.2 * random())
    everyPixel(pixels, (x, y, value) => {
      const isNear = Math.abs(x * across + y * along - shift) < 0.8
      return isNear && Math.abs(y * across - x * along) < reach ? value + change : value
    })
  },
  /** A soft spot that is darker than the rest. */
  stain(pixels, random) {
    const [cx, cy] = [(random() - 0.5) * side * 0.6, (random() - 0.5) * side * 0.6]
    const radius = 3 + 3 * random()
    everyPixel(
      pixels,
      (x, y, value) => value * (1 - 0.45 * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius ** 2))),
    )
  },
  /** A spot where the structure is worn away: the mean of what was around. */
  wear(pixels, random) {
    const [cx, cy] = [(random() - 0.5) * side * 0.5, (random() - 0.5) * side * 0.5]
    const radius = 5 + 3 * random()
    const mean = pixels.reduce((a, b) => a + b) / pixels.length
    everyPixel(pixels, (x, y, value) =>
      (x - cx) ** 2 + (y - cy) ** 2 < radius ** 2 ? mean + 0.15 * (value - mean) : value,
    )
  },
  /** A spot of another surface, as bright as this one. */
  foreign(pixels, random, other) {
    const [cx, cy] = [(random() - 0.5) * side * 0.5, (random() - 0.5) * side * 0.5]
    const radius = 5 + 3 * random()
    const mean = pixels.reduce((a, b) => a + b) / pixels.length
    const otherMean = other.reduce((a, b) => a + b) / other.length
    everyPixel(pixels, (x, y, value, i) =>
      (x - cx) ** 2 + (y - cy) ** 2 < radius ** 2 ? (other[i] as number) - otherMean + mean : value,
    )
  },
} satisfies Readonly<
  Record<string, (pixels: Float32Array, random: () => number, other: Float32Array) => void>
>

export type Flaw = keyof typeof flaws
export const flawKinds = Object.keys(flaws) as readonly Flaw[]

/** Changes pixels by their place, counted from the middle, and their value; what comes out is held within black and white. */
function everyPixel(
  pixels: Float32Array,
  change: (x: number, y: number, value: number, i: number) => number,
): void {
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [(i % side) - side / 2 + 0.5, Math.floor(i / side) - side / 2 + 0.5]
    pixels[i] = Math.min(1, Math.max(0, change(x, y, pixels[i] as number, i)))
  }
}
