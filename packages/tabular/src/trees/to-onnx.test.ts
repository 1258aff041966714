import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { columnsOf, targetsOf, treeCases } from '../testing/golden-trees.ts'
import { boost } from './boost.ts'
import { floatBelow, treesToOnnx } from './to-onnx.ts'

const named = (names: readonly string[]) => treeCases.filter(({ name }) => names.includes(name))

test.each(named(['missing numbers', 'categories', 'binary', 'classes', 'counts']))(
  'onnxruntime-node predicts as trees do: $name',
  async (one) => {
    const trees = await boost(columnsOf(one, 'x'), targetsOf(one), { ...one.options, loss: one.loss })
    const session = await InferenceSession.create(treesToOnnx(trees))
    for (const set of ['x', 'new'] as const) {
      const columns = columnsOf(one, set)
      const rows = columns[0]?.values.length ?? 0
      const data = new Float32Array(rows * columns.length)
      columns.forEach(({ values }, i) => {
        for (let row = 0; row < rows; row++) data[row * columns.length + i] = values[row] as number
      })
      const { predictions } = await session.run({
        columns: new Tensor('float32', data, [rows, columns.length]),
      })
      const expected = trees.predict(columns)
      const flat = Array.from({ length: rows }, (_, row) => expected.map((of) => of[row] as number)).flat()
      expect(predictions?.dims).toEqual([rows, expected.length])
      // Sums of twenty float32.
      expectClose(predictions?.data as Float32Array, flat, { scaled: 1e-6 })
    }
    await session.release()
  },
)

test('a threshold becomes the greatest float32 that it is not below', () => {
  for (const value of [0.1, -0.1, 1 / 3, -1 / 3, 16777217, 0, 1e300, Number.POSITIVE_INFINITY]) {
    const below = floatBelow(value)
    expect(Math.fround(below)).toBe(below)
    expect(below).toBeLessThanOrEqual(value)
    expect(Math.fround(value) <= below || Math.fround(value) > value).toBe(true)
  }
  expect(floatBelow(1e300)).toBeCloseTo(3.4028234663852886e38, -30)
})
