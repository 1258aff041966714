import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ops, type Tensor, tensor } from 'typegrad'
import { FormatError } from 'typegrad/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { halfOf } from './blocks.ts'
import { readGguf } from './read-gguf.node.ts'

const golden = (name: string) => fileURLToPath(new URL(`../../golden/${name}`, import.meta.url))
const formats = JSON.parse(readFileSync(golden('gguf-formats.json'), 'utf8')) as Record<
  string,
  { readonly shape: readonly number[]; readonly values: readonly number[] }
>
const floats = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)

describe("tensors give what llama.cpp's Python package reads", () => {
  test.each(Object.keys(formats))('%s', async (name) => {
    const file = await readGguf(golden('formats.gguf'))
    const { shape, values } = formats[name] as (typeof formats)[string]
    expect(file.tensors.get(name)).toMatchObject({ shape, format: name })
    const got = await file.read(name)
    expect(got.length).toBe(values.length)
    for (const [i, value] of values.entries())
      expect(Math.abs((got[i] as number) - value)).toBeLessThanOrEqual(2e-7 * Math.abs(value) + 1e-30)
  })

  test.each(['Q4_0', 'Q8_0'])('%s as products read it', async (name) => {
    const file = await readGguf(golden('formats.gguf'))
    const { shape, values } = formats[name] as (typeof formats)[string]
    const [rows, columns] = shape as readonly [number, number]
    const kept = await file.kept(name)
    if (kept === undefined) throw new Error('expected blocks')
    const { bits, packed, scales } = kept
    const parts = {
      packed: tensor(packed, { shape: [rows, columns / 32, 4 * bits], dtype: 'uint8' }),
      scales: tensor(scales, { shape: [rows, columns / 32] }),
    }
    const read = await floats(ops.dequantize(parts, { bits }))
    for (const [i, value] of values.entries())
      expect(Math.abs((read[i] as number) - value)).toBeLessThanOrEqual(2e-7 * Math.abs(value))
  })

  test('others have no such form', async () => {
    expect(await (await readGguf(golden('formats.gguf'))).kept('Q6_K')).toBeUndefined()
  })
})

test('halves', () => {
  expect([0x3c00, 0xc000, 0x0001, 0x7c00, 0x8000].map(halfOf)).toEqual([
    1,
    -2,
    2 ** -24,
    Number.POSITIVE_INFINITY,
    -0,
  ])
  expect(halfOf(0x7e00)).toBeNaN()
})

describe('files that are damaged', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'typegrad-gguf-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const whole = readFileSync(golden('formats.gguf'))
  const written = (bytes: Uint8Array): string => {
    const path = join(folder, 'model.gguf')
    writeFileSync(path, bytes)
    return path
  }

  test('are refused wherever they are cut', async () => {
    for (const length of [0, 3, 8, 40, 200, 500, 1000, whole.length - 64]) {
      const path = written(whole.subarray(0, length))
      await expect(readGguf(path), `${length} bytes`).rejects.toThrow(FormatError)
    }
  })

  test('and wherever a byte of the header is another, or read', async () => {
    for (let at = 0; at < 500; at += 7) {
      const bytes = Uint8Array.from(whole)
      bytes[at] = (bytes[at] as number) ^ 0xff
      const file = await readGguf(written(bytes)).catch((error: unknown) => {
        expect(error, `byte ${at}`).toBeInstanceOf(FormatError)
      })
      for (const name of file?.tensors.keys() ?? []) await file?.read(name).catch(() => {})
    }
  })

  test('a file that is none, a format that is not read, a name that is not there', async () => {
    await expect(readGguf(join(folder, 'absent.gguf'))).rejects.toThrow('expected a file, received none')
    const file = await readGguf(golden('formats.gguf'))
    expect(() => file.checkFormats()).toThrow("'Q5_1' of Q5_1")
    await expect(file.read('Q5_1')).rejects.toThrow('tensors of F32, F16, BF16, Q4_0, Q8_0, Q4_K, Q6_K')
    await expect(file.read('Q4_1')).rejects.toThrow("The nearest is 'Q4_")
  })
})
