import type { ChannelWindowsKernel } from 'typegrad/engine'
import { kernelSweep } from '../case.ts'
import { sourcesOf, windows, windowsOf } from './patches.ts'

const operations: readonly ChannelWindowsKernel['operation'][] = [
  'conv',
  'convInputGradient',
  'convKernelGradient',
  'max',
  'maxGradient',
]

/** Whole numbers throughout, so that sums are the same in any order. */
export const channelWindows = kernelSweep({
  dimensions: { ...windows, operation: operations, parts: [1, 2, 3, 7], hasNaN: [false, false, true] },
  build({ operation, parts, hasNaN, ...sizes }, random) {
    const all = windowsOf(sizes)
    if (all === undefined) return undefined
    const sources = sourcesOf(all)
    const { channels } = sizes
    const area = sizes.windowRows * sizes.windowColumns
    const places = sources.length / (area * channels)
    const kernel: ChannelWindowsKernel = { kind: 'channelWindows', ...all, operation, parts }
    // Few different numbers, so that windows have equal maxima.
    const images = random.integers(sizes.batch * sizes.height * sizes.width * channels, 3)
    if (hasNaN && operation.startsWith('max'))
      for (let i = 0; i < images.length; i += 13) images[i] = Number.NaN
    const g = random.integers(places * channels)
    const weights = random.integers(area * channels)

    /** Calls back for each element of a window inside of the image, in the windows' order. */
    const visit = (each: (place: number, weight: number, source: number) => void): void => {
      sources.forEach((source, i) => {
        if (source < 0) return
        const c = i % channels
        each(Math.floor(i / (area * channels)) * channels + c, i % (area * channels), source)
      })
    }
    const add = (values: Float64Array, at: number, value: number): void => {
      values[at] = (values[at] as number) + value
    }
    const maxima = new Float64Array(places * channels).fill(Number.NEGATIVE_INFINITY)
    visit((place, _, source) => {
      maxima[place] = Math.max(maxima[place] as number, images[source] as number)
    })
    switch (operation) {
      case 'conv': {
        const values = new Float64Array(places * channels)
        visit((place, weight, source) =>
          add(values, place, (images[source] as number) * (weights[weight] as number)),
        )
        return { kernel, inputs: [images, weights], outputs: [{ values }] }
      }
      case 'convInputGradient': {
        const values = new Float64Array(images.length)
        visit((place, weight, source) =>
          add(values, source, (g[place] as number) * (weights[weight] as number)),
        )
        return { kernel, inputs: [g, weights], outputs: [{ values }] }
      }
      case 'convKernelGradient': {
        const values = new Float64Array(area * channels)
        visit((place, weight, source) =>
          add(values, weight, (images[source] as number) * (g[place] as number)),
        )
        const sumOfParts = (received: Float32Array): string | undefined => {
          for (let i = 0; i < values.length; i++) {
            let sum = 0
            for (let part = 0; part < parts; part++) sum += received[part * values.length + i] as number
            if (sum !== values[i]) return `element ${i}: parts add up to ${sum} instead of ${values[i]}`
          }
          return undefined
        }
        return { kernel, inputs: [images, g], outputs: [sumOfParts] }
      }
      case 'max':
        return { kernel, inputs: [images], outputs: [{ values: maxima }] }
      case 'maxGradient': {
        const values = new Float64Array(images.length)
        const met = new Set<number>()
        visit((place, _, source) => {
          if (met.has(place) || !Object.is(images[source], Math.fround(maxima[place] as number))) return
          met.add(place)
          add(values, source, g[place] as number)
        })
        return { kernel, inputs: [images, Float32Array.from(maxima), g], outputs: [{ values }] }
      }
    }
  },
})
