import type { Windows } from 'typegrad/engine'
import { kernelSweep } from '../case.ts'
import { range } from '../dimensions.ts'
import type { Random } from '../random.ts'

/** Where windows stand: what both kernels of patches have to be right for. */
export const windows = {
  batch: [1, 2, 3],
  channels: [...range(1, 18), 24, 31, 33, 64, 65],
  height: [1, 2, 3, 5, 8, 17],
  width: [1, 2, 3, 4, 7, 8, 9, 16, 33],
  windowRows: [1, 2, 3, 5],
  windowColumns: [1, 2, 3, 4, 7],
  rowStride: [1, 2, 3],
  columnStride: [1, 2, 3],
  rowDilation: [1, 1, 2, 3],
  columnDilation: [1, 1, 2, 4],
  above: [0, 1, 2],
  left: [0, 1, 2, 3],
  /** Places beyond those at which a window fits, where what is below and on the right counts as zeros. */
  more: [0, 1, 2],
} as const

export type Sizes = { readonly [Name in keyof typeof windows]: number }

export function windowsOf(sizes: Sizes): Windows | undefined {
  const { batch, channels, height, width, windowRows, windowColumns, above, left, more } = sizes
  const fitting = (size: number, before: number, span: number, stride: number): number =>
    Math.floor((size + before - span) / stride) + 1 + more
  const places = [
    fitting(height, above, (windowRows - 1) * sizes.rowDilation + 1, sizes.rowStride),
    fitting(width, left, (windowColumns - 1) * sizes.columnDilation + 1, sizes.columnStride),
  ] as const
  if (places[0] < 1 || places[1] < 1) return undefined
  if (batch * places[0] * places[1] * windowRows * windowColumns * channels > 300_000) return undefined
  return {
    images: [batch, height, width, channels],
    places,
    window: [windowRows, windowColumns],
    strides: [sizes.rowStride, sizes.columnStride],
    dilation: [sizes.rowDilation, sizes.columnDilation],
    before: [above, left],
  }
}

/** For each element of the patches of all images the element of the images that it is, or −1 where it is outside. */
export function sourcesOf({ images, places, window, strides, dilation, before }: Windows): Int32Array {
  const [batch, height, width, channels] = images as readonly [number, number, number, number]
  const sources: number[] = []
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < places[0]; row++)
      for (let column = 0; column < places[1]; column++)
        for (let i = 0; i < window[0]; i++)
          for (let j = 0; j < window[1]; j++) {
            const y = row * strides[0] + i * dilation[0] - before[0]
            const x = column * strides[1] + j * dilation[1] - before[1]
            const isInside = y >= 0 && y < height && x >= 0 && x < width
            for (let c = 0; c < channels; c++)
              sources.push(isInside ? ((n * height + y) * width + x) * channels + c : -1)
          }
  return Int32Array.from(sources)
}

export const patches = kernelSweep({
  dimensions: { ...windows, first: [0, 0, 1, 2] },
  build({ first, ...sizes }, random: Random) {
    const all = windowsOf(sizes)
    const count = sizes.batch - first
    if (all === undefined || count < 1) return undefined
    const images = random.integers(sizes.batch * sizes.height * sizes.width * sizes.channels)
    const sources = sourcesOf(all)
    const ofImage = sources.length / sizes.batch
    const seen = sources.subarray(first * ofImage)
    const values = Float64Array.from(seen, (source) => (source < 0 ? 0 : (images[source] as number)))
    return {
      kernel: { kind: 'patches', ...all, first, count },
      inputs: [images],
      outputs: [{ values }],
    }
  },
})

export const sumPatches = kernelSweep({
  dimensions: windows,
  build(sizes, random) {
    const all = windowsOf(sizes)
    if (all === undefined) return undefined
    const sources = sourcesOf(all)
    const said = random.integers(sources.length)
    const values = new Float64Array(sizes.batch * sizes.height * sizes.width * sizes.channels)
    sources.forEach((source, i) => {
      if (source >= 0) values[source] = (values[source] as number) + (said[i] as number)
    })
    return { kernel: { kind: 'sumPatches', ...all }, inputs: [said], outputs: [{ values }] }
  },
})
