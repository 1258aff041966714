import { kernelSweep } from '../case.ts'
import { around, range } from '../dimensions.ts'

/** Chunks are four vectors of eight columns, blocks 128 rows. */
export const sumRows = kernelSweep({
  dimensions: {
    columns: [...range(1, 75), ...range(88, 104), ...range(120, 136), 255],
    rows: [1, 2, 3, 5, ...around(2, 128, 256), 400],
    parts: [1, 2, 3, 4, 7],
    isOfSquares: [false, true],
    hasNaN: [false, false, true],
  },
  build({ rows, columns, parts, isOfSquares, hasNaN }, random) {
    const x = random.integers(rows * columns)
    if (hasNaN) x[random.below(x.length)] = Number.NaN
    const values = new Float64Array(parts * columns)
    const rowsOfPart = Math.ceil(rows / parts)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const at = Math.floor(row / rowsOfPart) * columns + column
        const value = x[row * columns + column] as number
        values[at] = (values[at] as number) + (isOfSquares ? value * value : value)
      }
    return {
      kernel: { kind: 'sumRows', rows, columns, isOfSquares, parts },
      inputs: [x],
      outputs: [{ values }],
    }
  },
})
