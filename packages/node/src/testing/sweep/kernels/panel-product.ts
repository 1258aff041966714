import { kernelSweep } from '../case.ts'
import { range } from '../dimensions.ts'

/** Tiles of six rows, panels of 16 columns, elements by fours. */
export const panelProduct = kernelSweep({
  dimensions: {
    rows: [...range(1, 20), 31, 128],
    inner: [...range(1, 18), 31, 32, 33, 130],
    panels: [1, 2, 3, 5],
    tasks: [1, 2, 3, 5, 7],
    added: [undefined, 'row', 'matrix'] as const,
    hasNaN: [false, false, true],
  },
  build({ rows, inner, panels, tasks, added, hasNaN }, random) {
    const columns = 16 * panels
    const [a, b] = [random.integers(rows * inner), random.integers(inner * columns)]
    if (hasNaN) a[random.below(a.length)] = Number.NaN
    const more = random.integers(added === 'matrix' ? rows * columns : columns)
    const packed = new Float32Array(b.length)
    const values = new Float64Array(rows * columns)
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < inner; k++)
        packed[(Math.floor(j / 16) * inner + k) * 16 + (j % 16)] = b[k * columns + j] as number
      for (let i = 0; i < rows; i++) {
        let sum = added === undefined ? 0 : (more[added === 'row' ? j : i * columns + j] as number)
        for (let k = 0; k < inner; k++) sum += (a[i * inner + k] as number) * (b[k * columns + j] as number)
        values[i * columns + j] = sum
      }
    }
    return {
      kernel: { kind: 'panelProduct', rows, inner, columns, added, tasks },
      inputs: added === undefined ? [a, packed] : [a, packed, more],
      outputs: [{ values }],
    }
  },
})
