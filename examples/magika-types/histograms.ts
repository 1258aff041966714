// The simple way: how often each byte occurs.
import type { Rows } from '../logistic-regression.ts'
import type { Sample } from './files.ts'

/**
 * Of each file the square roots of the shares that the 256 bytes have, and of what a short file lacks: rows whose distance is
 * that of Hellinger, in which rare bytes count too.
 */
export const histogramRows = (samples: readonly Sample[]): Rows =>
  samples.map(({ features }) => {
    const row = new Float32Array(257)
    for (const byte of features) row[byte] = (row[byte] as number) + 1 / features.length
    return row.map(Math.sqrt)
  })
