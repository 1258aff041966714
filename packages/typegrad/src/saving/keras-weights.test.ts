// Weights in HDF5 files, ours and Keras's, in half precision too, and what tells a damaged one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readHdf5 } from '../formats/hdf5.ts'
import { input, layers, loadModel, model, sequential, type Tensor, tensor } from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

const golden = (file: string): string =>
  fileURLToPath(new URL(`../../golden/keras-files/${file}`, import.meta.url))
const told = JSON.parse(readFileSync(golden('half.json'), 'utf8')) as Record<string, number[][]>

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-weights-'))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
  vi.restoreAllMocks()
})

const near = (rows: number[][] | undefined, digits: number) =>
  rows?.map((row) => row.map((value) => expect.closeTo(value, digits)))

function reader() {
  const x = input({ shape: [5] })
  const h = layers.embedding({ inputDim: 7, outputDim: 4 }).apply(x)
  const both = layers.bidirectional({ layer: layers.lstm({ units: 3 }) })
  const g = layers.batchNormalization().apply(both.apply(h))
  return model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(g) })
}

test('those of Keras’s save_weights go by structure, and ours are laid out as they are', async () => {
  const [made, again] = [reader(), reader()]
  await made.loadWeights(golden('reader.weights.h5'))
  const ids = tensor(told.ids as number[][], { dtype: 'int32' })
  expect(await (await made.predict(ids)).toArray()).toEqual(near(told.reader, 5))
  const file = join(root, 'deep', 'reader.weights.h5')
  await made.saveWeights(file)
  await again.loadWeights(file)
  expect(await flatWeights(again)).toEqual(await flatWeights(made))
  const arrays = (path: string) =>
    readHdf5(new Uint8Array(readFileSync(path)), path, ({ datasets }) =>
      [...datasets].map(([name, { dtype, shape }]) => [name, dtype, shape]).sort(),
    )
  expect(arrays(file)).toEqual(arrays(golden('reader.weights.h5')))
})

test('those of a whole model in an .h5 file are taken too', async () => {
  const [made, again] = [reader(), reader()]
  await made.save(join(root, 'model.h5'))
  await again.loadWeights(join(root, 'model.h5'))
  expect(await flatWeights(again)).toEqual(await flatWeights(made))
})

test('those of another model change nothing', async () => {
  const other = sequential([layers.dense({ units: 2, inputShape: [4] })])
  const before = await flatWeights(other)
  await expect(other.loadWeights(golden('reader.weights.h5'))).rejects.toMatchObject({ code: 'format' })
  expect(await flatWeights(other)).toEqual(before)
})

test.each(['model.h5', 'model.weights.h5'])('a bit that has turned in %s is noticed', async (file) => {
  const made = sequential([layers.dense({ units: 2, inputShape: [4], name: 'only' })])
  await (file === 'model.h5' ? made.save(join(root, file)) : made.saveWeights(join(root, file)))
  const bytes = readFileSync(join(root, file))
  const [weight] = made.getWeights() as [Tensor, Tensor]
  const kernel = (await weight.data()) as Float32Array
  const at = bytes.indexOf(Buffer.from(kernel.buffer, kernel.byteOffset, kernel.byteLength))
  expect(at).toBeGreaterThan(0)
  bytes[at + 5] = (bytes[at + 5] as number) ^ 4
  writeFileSync(join(root, file), bytes)
  const read = file === 'model.h5' ? loadModel(join(root, file)) : made.loadWeights(join(root, file))
  await expect(read).rejects.toMatchObject({
    code: 'format',
    message: expect.stringMatching(
      /model.*\.h5: '.*(kernel|vars\/0)': expected the checksum \w{8}, as when it/,
    ),
  })
})

test.each([
  // Policies of half precision are told of; float16 has ten bits behind the point, bfloat16 seven.
  ['mixed_bfloat16.keras', 5, true],
  ['bfloat16.keras', 5, true],
  ['float16.keras', 2, false],
  ['float16.h5', 2, false],
] as const)('%s loads', async (file, digits, isTold) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const loaded = await loadModel(golden(file))
  const outputs = await loaded.predict(tensor(told.x as number[][]))
  const values = await outputs.cast('float32').toArray()
  expect(values).toEqual(near(told[file.replace(/\..*/, '')], digits))
  const name = file.replace('.keras', '')
  if (isTold)
    expect(warn).toHaveBeenCalledWith(`typegrad: ${golden(file)}: layers of ${name} compute in float32 here.`)
  else expect(warn).not.toHaveBeenCalled()
  const written = join(root, file)
  await loaded.save(written)
  const again = await (await loadModel(written)).predict(tensor(told.x as number[][]))
  expect(await again.cast('float32').toArray()).toEqual(values)
})
