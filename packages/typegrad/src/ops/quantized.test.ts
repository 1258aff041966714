import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { optimize } from '../doors/core.ts'
import {
  ArgumentError,
  compile,
  createEngine,
  evaluateAll,
  ops,
  ShapeError,
  type Tensor,
  tensor,
} from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { createWebEngine } from '../testing/engines.ts'
import { operatorsOf } from '../testing/values-on.ts'

const wave = (shape: readonly number[], step = 0.37): Tensor =>
  tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * step) * (1 + (i % 7))),
  ).reshape(shape)

const floats = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)

/** Quantised and read again by loops over numbers: what a block of 4 or 8 bits is. */
function byLoops(row: readonly number[], bits: 4 | 8, blockSize: number, isSymmetric: boolean): number[] {
  const most = 2 ** bits - 1
  const half = 2 ** (bits - 1)
  const read: number[] = []
  for (let from = 0; from < row.length; from += blockSize) {
    const block = row.slice(from, from + blockSize)
    const filled = from + blockSize > row.length ? [...block, 0] : block
    const [low, high] = [Math.min(...filled), Math.max(...filled)]
    if (isSymmetric) {
      const scale = (high >= -low ? high : low) / -half
      for (const x of block) {
        const q = scale === 0 ? half : Math.min(most, Math.max(0, Math.round(x / scale) + half))
        read.push((q - half) * scale)
      }
    } else {
      const scale = (Math.max(high, 0) - Math.min(low, 0)) / most
      const zero = scale === 0 ? 0 : Math.min(most, Math.max(0, Math.round(-Math.min(low, 0) / scale)))
      for (const x of block) {
        const q = scale === 0 ? 0 : Math.min(most, Math.max(0, Math.round(x / scale) + zero))
        read.push((q - zero) * scale)
      }
    }
  }
  return read
}

const cases = ([4, 8] as const).flatMap((bits) =>
  [true, false].flatMap((isSymmetric) =>
    ([16, 32, 128] as const).map((blockSize) => ({ bits, isSymmetric, blockSize })),
  ),
)

describe.each(cases)('$bits bits, blocks of $blockSize, symmetric: $isSymmetric', (options) => {
  const { bits, isSymmetric, blockSize } = options

  test.each([1, 15, 16, 33, 128, 300])('reads what was rounded, for %i columns', async (columns) => {
    const w = wave([3, columns])
    const q = ops.quantize(w, options)
    const got = await floats(ops.dequantize(q, { bits, blockSize, columns }))
    const rows = (await floats(w)) as readonly number[]
    const expected = [0, 1, 2].flatMap((r) =>
      byLoops(rows.slice(r * columns, (r + 1) * columns), bits, blockSize, isSymmetric),
    )
    // A number in the middle of two may be rounded either way in float32.
    const step = Math.max(...rows.map(Math.abs)) / 2 ** (bits - 1)
    const far = got.filter((value, i) => Math.abs(value - (expected[i] as number)) > 1e-5 * step)
    expect(far.length).toBeLessThanOrEqual(Math.max(3, 0.03 * got.length))
    for (const [i, value] of got.entries())
      expect(Math.abs(value - (expected[i] as number))).toBeLessThan(2.1 * step)
  })

  test.each(['node', 'web'] as const)('products read the bytes as they are, on %s', async (name) => {
    const engine = await (name === 'node' ? createEngine() : createWebEngine())
    for (const [rows, columns, batch] of [
      [8, 64, 1],
      [5, 48, 3],
      [33, 256, 2],
    ] as const) {
      const w = wave([rows, columns])
      const q = ops.quantize(w, options)
      const parts = q.zeros === undefined ? [q.packed, q.scales] : [q.packed, q.scales, q.zeros]
      await evaluateAll(parts)
      const x = wave([batch, columns], 0.91)
      const matrix = await floats(ops.dequantize(q, { bits, blockSize, columns }))
      const input = await floats(x)
      const expected = Array.from({ length: batch * rows }, (_, at) => {
        const [b, r] = [Math.floor(at / rows), at % rows]
        let sum = 0
        for (let k = 0; k < columns; k++)
          sum += (input[b * columns + k] as number) * (matrix[r * columns + k] as number)
        return sum
      })
      for (const activations of ['float32', 'int8'] as const) {
        const product = compile(
          (a: Tensor) => a.matmul(ops.dequantize(q, { bits, blockSize, columns, activations }).transpose()),
          { packsWeights: 'at once', engine },
        )
        const got = await floats(await product(x))
        if (activations === 'float32') expectClose(got, expected)
        else
          for (const [at, value] of got.entries()) {
            const [b, r] = [Math.floor(at / rows), at % rows]
            // Each number of a row of x is off by half a step of 127 to its largest one.
            const off = Math.max(...input.slice(b * columns, (b + 1) * columns).map(Math.abs)) / 254
            const weights = matrix
              .slice(r * columns, (r + 1) * columns)
              .reduce((sum, w) => sum + Math.abs(w), 0)
            expect(Math.abs(value - (expected[at] as number))).toBeLessThanOrEqual(1.01 * off * weights)
          }
      }
    }
  })
})

test('one operator does the product, and rows that are looked up are made floats alone', () => {
  const q = ops.quantize(wave([10, 64]), { bits: 4 })
  const table = ops.dequantize(q, { bits: 4 })
  expect(operatorsOf(optimize([wave([2, 64]).matmul(table.transpose()).node]))).toContain('MatMulNBits')
  const looked = operatorsOf(optimize([table.gather(tensor([3, 1], { dtype: 'int32' })).node]))
  expect(looked.filter((op) => op === 'Gather').length).toBe(2)
})

test('looks up rows', async () => {
  const q = ops.quantize(wave([10, 70]), { bits: 4, isSymmetric: false })
  const table = ops.dequantize(q, { bits: 4, columns: 70 })
  const whole = await floats(table)
  const got = await floats(
    table.gather(
      tensor(
        [
          [3, 1],
          [9, 3],
        ],
        { dtype: 'int32' },
      ),
    ),
  )
  expect(got).toEqual([3, 1, 9, 3].flatMap((row) => whole.slice(row * 70, (row + 1) * 70)))
})

test('rounds to the nearest of its numbers, whatever a block holds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 32, maxLength: 32 }),
      fc.boolean(),
      async (row, isSymmetric) => {
        const q = ops.quantize(tensor([row]), { bits: 4, isSymmetric })
        const read = await floats(ops.dequantize(q, { bits: 4 }))
        const [low, high] = [Math.min(0, ...row), Math.max(0, ...row)]
        // At the end that the range does not reach a symmetric one is off by a step.
        const step = isSymmetric ? Math.max(high, -low) / 8 : (high - low) / 15
        for (const [i, x] of row.entries())
          expect(Math.abs(x - (read[i] as number))).toBeLessThanOrEqual(
            step * (isSymmetric ? 1.001 : 0.501 + 1e-4) + 1e-6,
          )
      },
    ),
    { numRuns: 40 },
  )
})

test('refuses what does not fit', () => {
  expect(() => ops.quantize(wave([4]), { bits: 4 })).toThrow(ShapeError)
  expect(() => ops.quantize(wave([4, 4]), { bits: 3 as 4 })).toThrow(ArgumentError)
  expect(() => ops.quantize(wave([4, 4]), { bits: 4, blockSize: 20 as 16 })).toThrow(
    '16 or 32 or 64 or 128 or 256',
  )
  const q = ops.quantize(wave([4, 64]), { bits: 4 })
  expect(() => ops.dequantize(q, { bits: 8 })).toThrow(ShapeError)
  expect(() => ops.dequantize({ packed: q.packed, scales: wave([4, 3]) }, { bits: 4 })).toThrow(ShapeError)
})
