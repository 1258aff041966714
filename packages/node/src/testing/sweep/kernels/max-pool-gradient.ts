import { kernelSweep } from '../case.ts'
import { range } from '../dimensions.ts'

/** Windows of 2 × 2: tasks of 2¹⁵ elements, four windows at once, or eight channels where these are last. */
export const maxPoolGradient = kernelSweep({
  dimensions: {
    batch: [1, 2, 3],
    channels: [...range(1, 18), 24, 31, 32, 33],
    height: [2, 3, 4, 5, 9, 64, 65],
    width: [...range(2, 19), 32, 33, 64, 65],
    isChannelsLast: [false, true],
  },
  build({ batch, channels, height, width, isChannelsLast }, random) {
    if (batch * channels * height * width > 150_000) return undefined
    const shape = isChannelsLast ? [batch, height, width, channels] : [batch, channels, height, width]
    const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)]
    const at = (n: number, c: number, y: number, x: number, h: number, w: number): number =>
      isChannelsLast ? ((n * h + y) * w + x) * channels + c : ((n * channels + c) * h + y) * w + x
    // Few different numbers: windows with two, three and four equal maxima are among them.
    const x = random.integers(batch * channels * height * width, 2)
    const g = random.floats(batch * channels * rows * columns)
    const maxima = new Float32Array(g.length)
    const values = new Float64Array(x.length)
    for (let n = 0; n < batch; n++)
      for (let c = 0; c < channels; c++)
        for (let row = 0; row < rows; row++)
          for (let column = 0; column < columns; column++) {
            const corners = [0, 1, 2, 3].map((i) =>
              at(n, c, 2 * row + (i >> 1), 2 * column + (i & 1), height, width),
            )
            const place = at(n, c, row, column, rows, columns)
            const largest = Math.max(...corners.map((corner) => x[corner] as number))
            maxima[place] = largest
            values[corners.find((corner) => x[corner] === largest) as number] = g[place] as number
          }
    return {
      kernel: { kind: 'maxPoolGradient', shape, isChannelsLast },
      inputs: [x, maxima, g],
      outputs: [{ values }],
    }
  },
})
