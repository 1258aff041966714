import { readFileSync } from 'node:fs'
import { copyFile, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { onnxModel, tensor } from '../index.ts'

/** By tools/golden/make_onnx_external.py: y = x·w + b, where w counts from 0 and b is 100, 200, 300. */
const golden = fileURLToPath(new URL('../../golden/onnx-external/', import.meta.url))
const read = (name: string): Buffer => readFileSync(join(golden, name))

let root = ''
/** A copy of the golden files, in a folder that has room beside it. */
let folder = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'typegrad-external-'))
  folder = join(root, 'model')
  await cp(golden, folder, { recursive: true })
})
afterEach(() => rm(root, { recursive: true }))

/** One of the files with some text or bytes in the place of others of the same length. */
const edited = (name: string, from: string, to: string): Buffer => {
  expect(to.length).toBe(from.length)
  const text = read(name).toString('latin1')
  expect(text).toContain(from)
  return Buffer.from(text.replaceAll(from, to), 'latin1')
}

test('tensors in other files are read: all in one, each in its own, by links within the folder, or as bytes', async () => {
  await mkdir(join(folder, 'deep'))
  await copyFile(join(folder, 'both.bin'), join(folder, 'deep/kept.bin'))
  await rm(join(folder, 'both.bin'))
  await symlink(join(folder, 'deep/kept.bin'), join(folder, 'both.bin'))
  const bytes = { 'products.bin': read('products.bin'), 'offsets.bin': read('offsets.bin') }
  const nets = [
    await onnxModel(join(folder, 'one.onnx')),
    await onnxModel(join(folder, 'several.onnx')),
    await onnxModel(read('several.onnx'), { externalData: bytes }),
  ]
  for (const net of nets) {
    expect(net.initializers().map(({ name }) => name)).toEqual(['w', 'b'])
    const y = await net.predict(tensor([[1, 0, 2, 0]]))
    // Row 0 and twice row 2: [0, 1, 2] + 2·[6, 7, 8].
    expect(await y.toArray()).toEqual([[112, 215, 318]])
  }
})

test('all that is missing, short or leads out of the folder is named at once', async () => {
  const several = join(folder, 'several.onnx')
  await rm(join(folder, 'products.bin'))
  await writeFile(join(folder, 'offsets.bin'), read('offsets.bin').subarray(0, 8))
  await expect(onnxModel(several)).rejects.toThrow(
    "received 'w' in 'products.bin', which is not there; 'b' in 'offsets.bin', which ends at byte 8 and not 12",
  )

  // A folder of that name, a path to the file beside, an absolute one, and a link to it.
  await mkdir(join(folder, 'products.bin'))
  await expect(onnxModel(several)).rejects.toThrow("'w' in 'products.bin', which is no file")
  await rm(join(folder, 'products.bin'), { recursive: true })
  const beside = join(root, 'products.bin')
  await writeFile(beside, read('products.bin'))
  await symlink(beside, join(folder, 'products.bin'))
  await expect(onnxModel(several)).rejects.toThrow(
    "'w' in 'products.bin', a link that leads out of the model's folder",
  )
  for (const way of ['../other.bin', '/etc/passwd/', 'a/../../away']) {
    await writeFile(several, edited('several.onnx', 'products.bin', way))
    await expect(onnxModel(several)).rejects.toThrow(`'w' in '${way}', which leads out of the model's folder`)
  }

  await expect(onnxModel(read('one.onnx'))).rejects.toThrow(
    "nothing, or too little, for 'w' in 'both.bin', 'b' in 'both.bin'. Give a path, or the bytes",
  )
  const short = { 'both.bin': read('both.bin').subarray(0, 50) }
  await expect(onnxModel(read('one.onnx'), { externalData: short })).rejects.toThrow("for 'b' in 'both.bin'")
})

test('elements of a type that is not known, or that no tensor can hold', async () => {
  // Of the tensor w: its data type is float32 (1).
  const typed = (code: number): Buffer =>
    edited('one.onnx', '\x10\x01\x42\x01w', `\x10${String.fromCharCode(code)}\x42\x01w`)
  const options = { externalData: { 'both.bin': read('both.bin') } }
  await expect(onnxModel(typed(99), options)).rejects.toThrow("'w' has the unknown data type 99")
  await expect(onnxModel(typed(14), options)).rejects.toThrow(
    "onnxModel: tensor 'w': expected elements that tensors can hold, received complex64",
  )
  // Elements that would take more bytes than there are.
  await expect(onnxModel(typed(11), options)).rejects.toThrow(
    "tensor 'w': expected the 12 elements of float64 [4, 3], received 48 bytes in place of 96",
  )
})
