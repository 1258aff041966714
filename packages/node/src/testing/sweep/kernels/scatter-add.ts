import { kernelSweep } from '../case.ts'
import { range } from '../dimensions.ts'

/**
 * Tasks have columns by vectors of eight, one task up to 2¹⁸ elements and eight at most; tables above a mebibyte are
 * asked for 16 steps ahead.
 */
export const scatterAdd = kernelSweep({
  dimensions: {
    columns: [...range(1, 40), 63, 64, 65, 120, 127, 128, 129, 130, 255, 257],
    size: [1, 2, 3, 8, 33, 1100, 2100],
    count: [0, 1, 2, 5, 15, 16, 17, 18, 40, 2100],
    indexDType: ['int32', 'int64'] as const,
    base: ['none', 'apart', 'same memory'] as const,
    isDeep: [false, true],
  },
  build({ columns, size, count, indexDType, base, isDeep }, random) {
    // Enough work that there are several tasks costs time: it is kept to few columns' worth.
    if (size * columns > 300_000 || count * columns > 300_000) return undefined
    const shape =
      isDeep && columns % 2 === 0
        ? [size, 2, columns / 2]
        : columns === 1 && isDeep
          ? [size]
          : [size, columns]
    // Some of them beyond both ends.
    const places = Array.from({ length: count }, () => random.below(2 * size + 4) - size - 2)
    const updates = random.integers(count * columns)
    const below = random.integers(size * columns)
    const values = Float64Array.from({ length: size * columns }, (_, i) =>
      base === 'none' ? 0 : (below[i] as number),
    )
    places.forEach((place, i) => {
      const row = place < 0 ? place + size : place
      if (row < 0 || row >= size) return
      for (let c = 0; c < columns; c++)
        values[row * columns + c] =
          (values[row * columns + c] as number) + (updates[i * columns + c] as number)
    })
    const indices = indexDType === 'int32' ? Int32Array.from(places) : BigInt64Array.from(places, BigInt)
    const hasBase = base !== 'none'
    return {
      kernel: { kind: 'scatterAdd', shape, count, indexDType, hasBase },
      inputs: hasBase ? [indices, updates, below] : [indices, updates],
      outputs: [{ values }],
      ...(base === 'same memory' && { over: 2 }),
    }
  },
})
