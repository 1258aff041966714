import { evaluateAll, ops, random, tensor } from 'typegrad'
import { complete } from 'typegrad/core'
import { describe, expect, test } from 'vitest'
import { quantizeValuesWork } from './quantize-values.ts'

const cases = ([4, 8] as const).flatMap((bits) =>
  [true, false].flatMap((isSymmetric) =>
    ([16, 32, 128] as const).map((blockSize) => ({ bits, isSymmetric, blockSize })),
  ),
)

// ops.quantize is held against loops over numbers, and its products against ONNX Runtime's, in its own tests.
describe.each(cases)('$bits bits, blocks of $blockSize, symmetric: $isSymmetric', (options) => {
  test.each([
    [70, 300],
    [3, 32],
  ])('gives the bits of ops.quantize for %i rows of %i columns', async (rows, columns) => {
    const values = (await random.normal([rows, columns]).data()) as Float32Array
    // Blocks of zeros, of one sign, of numbers that are halves of a scale, and tiny ones.
    values.fill(0, 0, 20)
    for (let i = 0; i < Math.min(columns, 40); i++) {
      if (rows > 1) values[columns + i] = i / 2
      if (rows > 2) values[2 * columns + i] = (i % 7) * 1e-30
    }
    const asked = ops.quantize(tensor(values, { shape: [rows, columns] }), options)
    await evaluateAll([asked.packed, asked.scales, ...(asked.zeros === undefined ? [] : [asked.zeros])])
    const transposed = Float32Array.from(
      values,
      (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number,
    )
    for (const [held, rowStride, columnStride] of [
      [values, columns, 1],
      [transposed, 1, rows],
    ] as const) {
      const made = complete(
        quantizeValuesWork({ values: held, rows, columns, rowStride, columnStride }, options),
      )
      expect(made.scales).toEqual(await asked.scales.data())
      expect(made.packed).toEqual(await asked.packed.data())
      expect(made.zeros).toEqual(await asked.zeros?.data())
    }
  })
})
