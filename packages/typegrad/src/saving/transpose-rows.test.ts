import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { model as functional, input, layers, type TypedArray, tensor, writeSafetensors } from '../index.ts'
import { transposeRows } from './transpose-rows.ts'

test.each([
  [1, 1],
  [15, 3],
  [16, 1],
  [17, 5],
  [64, 33],
])('%i rows of %i columns, in parts', (rows, columns) => {
  const source = Float32Array.from({ length: rows * columns }, (_, i) => i)
  for (const portion of [rows, 16, 7]) {
    const target = new Float32Array(rows * columns).fill(-1)
    for (let first = 0; first < rows; first += portion)
      transposeRows(
        source.subarray(first * columns, (first + portion) * columns),
        target,
        first,
        rows,
        columns,
      )
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) expect(target[j * rows + i]).toBe(source[i * columns + j])
  }
})

/** Bit for bit: an assertion for each of a million elements takes minutes. */
const isSame = (a: TypedArray | undefined, b: TypedArray): boolean =>
  a !== undefined &&
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))

test.each(['float32', 'bfloat16', 'float16', 'float8e4m3'] as const)(
  'loadWeights of %s: a kernel of several parts is what a transposed tensor is',
  async (dtype) => {
    const [rows, columns] = [700, 2000]
    // Few bits, so that all of the formats hold them.
    const kept = tensor(
      Float32Array.from({ length: rows * columns }, (_, i) => ((i * 7919) % 15) - 7),
    ).reshape([rows, columns])
    const bias = tensor(Float32Array.from({ length: rows }, (_, i) => (i % 16) - 8))
    const folder = mkdtempSync(join(tmpdir(), 'typegrad-transposed-'))
    try {
      const file = join(folder, 'model.safetensors')
      await writeSafetensors(file, { 'fc.weight': kept, 'fc.bias': bias }, { dtype })
      const x = input({ shape: [columns] })
      const model = functional({ inputs: x, outputs: layers.dense({ units: rows, name: 'fc' }).apply(x) })
      for (const mmap of [true, false]) {
        const map = { 'fc.weight': 'fc/kernel', 'fc.bias': 'fc/bias' }
        await model.loadWeights(file, { map, transpose: { '**.weight': true }, mmap })
        const [kernel, loadedBias] = model.weights
        expect(isSame(await kernel?.value.data(), await kept.transpose().data())).toBe(true)
        expect(isSame(await loadedBias?.value.data(), await bias.data())).toBe(true)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
