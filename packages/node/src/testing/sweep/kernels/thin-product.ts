import { kernelSweep } from '../case.ts'
import { range } from '../dimensions.ts'

/** Vectors are of eight floats, groups of one to four columns, blocks of one, two or four rows. */
export const thinProduct = kernelSweep({
  dimensions: {
    rows: range(1, 8),
    /** In vectors where b is transposed. */
    inner: [...range(1, 18), 31, 32, 33],
    /** In vectors where it is not. */
    columns: [...range(1, 18), 31, 32, 33],
    isTransposed: [false, true],
    hasBias: [false, true],
    tasks: [1, 2, 3, 7],
    hasNaN: [false, false, true],
  },
  build({ rows, inner: elements, columns: width, isTransposed, hasBias, tasks, hasNaN }, random) {
    const [inner, columns] = isTransposed ? [8 * elements, width] : [elements, 8 * width]
    const [a, b] = [random.integers(rows * inner), random.integers(inner * columns)]
    if (hasNaN) a[random.below(a.length)] = Number.NaN
    const bias = random.integers(columns)
    const values = new Float64Array(rows * columns)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let sum = hasBias ? (bias[j] as number) : 0
        for (let k = 0; k < inner; k++)
          sum += (a[i * inner + k] as number) * (b[isTransposed ? j * inner + k : k * columns + j] as number)
        values[i * columns + j] = sum
      }
    return {
      kernel: {
        kind: 'thinProduct',
        shape: [rows, columns],
        rows,
        inner,
        columns,
        isTransposed,
        hasBias,
        tasks,
      },
      inputs: hasBias ? [a, b, bias] : [a, b],
      outputs: [{ values }],
    }
  },
})
