import { kernelSweep } from '../case.ts'
import { around, range } from '../dimensions.ts'

/** Rows of up to eight floats; several tasks from 2¹⁵ indices on, of 2¹⁴ each. */
export const gatherRows = kernelSweep({
  dimensions: {
    columns: range(1, 8),
    size: [1, 2, 3, 8, 33, 256, 1100, 40_000],
    rows: [...range(1, 9), 40, 2100, ...around(1, 2 ** 15, 3 * 2 ** 14)],
    indexDType: ['int32', 'int64'] as const,
    isDeep: [false, true],
  },
  build({ columns, size, rows, indexDType, isDeep }, random) {
    if (size * columns > 100_000 || (rows > 40_000 && columns > 3)) return undefined
    const shape = isDeep ? [1, rows, columns] : columns === 1 ? [rows] : [rows, columns]
    const places = Array.from({ length: rows }, () => random.below(size))
    // Both ends of the table are read.
    places[0] = size - 1
    places[rows - 1] = rows > 1 ? 0 : size - 1
    const table = random.floats(size * columns, 4)
    const values = Float64Array.from(
      { length: rows * columns },
      (_, i) => table[(places[Math.floor(i / columns)] as number) * columns + (i % columns)] as number,
    )
    const indices = indexDType === 'int32' ? Int32Array.from(places) : BigInt64Array.from(places, BigInt)
    return {
      kernel: { kind: 'gatherRows', shape, size, rows, columns, indexDType },
      inputs: [table, indices],
      outputs: [{ values }],
    }
  },
})
