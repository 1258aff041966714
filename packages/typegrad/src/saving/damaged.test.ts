import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { layers, loadModel, type Sequential, sequential, TypegradError } from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

let root: string
let good: string
let model: Sequential

const make = (units = 3) => {
  const made = sequential([
    layers.dense({ units, inputShape: [4], name: 'first' }),
    layers.dense({ units: 1, name: 'second' }),
  ])
  made.compile({ optimizer: 'adam', loss: 'mse' })
  return made
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-damaged-'))
  good = join(root, 'good')
  model = make()
  await model.fit([[1, 2, 3, 4]], [1], { verbose: 0 })
  await model.saveTrainingState(good, { extra: { epoch: 1 }, tensors: {} })
})
afterAll(() => rmSync(root, { recursive: true }))

let folder: string
beforeEach(() => {
  folder = join(root, 'damaged')
  rmSync(folder, { recursive: true, force: true })
  cpSync(good, folder, { recursive: true })
})
const path = (name: string) => join(folder, name)

interface Header {
  [name: string]: { dtype: string; shape: number[]; data_offsets: [number, number] }
}

/** Rewrites the header of a safetensors file; its length stays what it was. */
function editHeader(name: string, edit: (header: Header) => void): void {
  const bytes = readFileSync(path(name))
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Header
  edit(header)
  const text = Buffer.from(JSON.stringify(header))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(path(name), Buffer.concat([size, text, bytes.subarray(8 + length)]))
}

function editConfig(edit: (config: Record<string, unknown>) => void): void {
  const config = JSON.parse(readFileSync(path('config.json'), 'utf8')) as Record<string, unknown>
  delete config.crc32
  edit(config)
  writeFileSync(path('config.json'), JSON.stringify(config))
}

const weights = 'model.safetensors'

test('files of two saves are not loaded together', async () => {
  const other = make()
  await other.save(join(root, 'other'))
  cpSync(join(root, 'other', weights), path(weights))
  await expect(loadModel(folder)).rejects.toThrow(
    /damaged: expected files of one save, received .* of different ones/,
  )
})

describe('a saved folder', () => {
  test.each<[string, () => void, RegExp, isOfTensors?: boolean]>([
    [
      'that is not there',
      () => rmSync(folder, { recursive: true }),
      /config\.json: expected a file, received nothing of that name/,
      false,
    ],
    ['without weights', () => rmSync(path(weights)), /model\.safetensors: expected a file, received nothing/],
    [
      'without the optimizer',
      () => rmSync(path('optimizer.safetensors')),
      /optimizer\.safetensors: expected a file/,
    ],
    [
      'whose configuration breaks off',
      () => truncateSync(path('config.json'), 100),
      /config\.json: expected JSON, received text that breaks off/,
      false,
    ],
    [
      'whose configuration is another file',
      () => writeFileSync(path('config.json'), '{"a":1}'),
      /expected a model that typegrad has saved/,
      false,
    ],
    [
      'whose configuration is a list',
      () => writeFileSync(path('config.json'), '[]'),
      /expected a JSON object, received an array/,
      false,
    ],
    [
      'of a newer version',
      () =>
        editConfig((config) => {
          config.version = 3
        }),
      /expected format version 2 or older, received 3\. It was written by a newer typegrad/,
      false,
    ],
    [
      'whose model is none',
      () =>
        editConfig((config) => {
          config.class_name = null
        }),
      /expected a class_name and a config/,
      false,
    ],
    [
      'whose layers are none',
      () =>
        editConfig((config) => {
          config.config = {}
        }),
      /config\.json: expected the configuration of a model, received one that is damaged/,
      false,
    ],
    [
      'that is empty',
      () => truncateSync(path(weights), 0),
      /expected the 8 bytes of its length, received a file of 0 bytes/,
    ],
    [
      'that is truncated',
      () => truncateSync(path(weights), readFileSync(path(weights)).length - 4),
      /truncated/,
    ],
    [
      'that is too long',
      () => writeFileSync(path(weights), Buffer.concat([readFileSync(path(weights)), Buffer.alloc(8)])),
      /8 bytes that belong to no tensor/,
    ],
    [
      'with a header larger than the file',
      () => {
        const bytes = readFileSync(path(weights))
        bytes.writeBigUInt64LE(1_000_000n, 0)
        writeFileSync(path(weights), bytes)
      },
      /header: expected 1000000 bytes, as the file's first 8 bytes say/,
    ],
    [
      'with tensors that overlap',
      () =>
        editHeader(weights, (header) => {
          ;(header['layers/dense_1/bias'] as Header[string]).data_offsets = [0, 4]
        }),
      /overlap/,
    ],
    [
      'with a tensor out of range',
      () =>
        editHeader(weights, (header) => {
          ;(header['layers/dense_1/bias'] as Header[string]).data_offsets = [4000, 4004]
        }),
      /expected offsets within the \d+ bytes of data/,
    ],
    [
      'with a weight that is missing and one that is too many',
      () =>
        editHeader(weights, (header) => {
          header.other = header['layers/dense_1/bias'] as Header[string]
          delete header['layers/dense_1/bias']
        }),
      /the 4 tensors of this model, received 4: no 'layers\/dense_1\/bias', and besides 'other'/,
    ],
    [
      'with a weight of another dtype',
      () =>
        editHeader(weights, (header) => {
          ;(header['layers/dense/bias'] as Header[string]).dtype = 'I32'
        }),
      /'layers\/dense\/bias': expected float32 \[3\] for first\/bias, received int32 \[3\]/,
    ],
    [
      'with an optimizer of another model',
      () =>
        editHeader('optimizer.safetensors', (header) => {
          const name = Object.keys(header).find((key) => key.endsWith('layers/dense/kernel')) as string
          header.another = header[name] as Header[string]
          delete header[name]
        }),
      /optimizer\.safetensors: expected the \d+ tensors of this model/,
    ],
  ])('%s', async (_, damage, text, isOfTensors = true) => {
    damage()
    const error: unknown = await loadModel(folder).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(TypegradError)
    expect(error).toMatchObject({ code: 'format', message: expect.stringMatching(text) })

    // A model that is there already keeps everything it has.
    if (!isOfTensors) return
    const other = make()
    await other.fit([[4, 3, 2, 1]], [2], { verbose: 0, epochs: 3 })
    const before = await flatWeights(other)
    await expect(other.loadTrainingState(folder)).rejects.toMatchObject({ code: 'format' })
    expect(await flatWeights(other)).toEqual(before)
    expect(await other.optimizer.iterations.value.item()).toBe(3)
  })

  test('of another architecture leaves a model as it is', async () => {
    const other = make(5)
    const before = await flatWeights(other)
    await expect(other.loadTrainingState(folder)).rejects.toThrow(
      "'layers/dense/kernel': expected float32 [4, 5] for first/kernel, received float32 [4, 3]",
    )
    expect(await flatWeights(other)).toEqual(before)
  })

  test('may stay where a training begins anew', async () => {
    expect(await model.loadTrainingState(join(root, 'nothing'))).toBeUndefined()
  })

  test('keeps numbers of the training that JSON has none for', async () => {
    const extra = {
      loss: [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      none: null,
      text: 'NaN',
    }
    await model.saveTrainingState(folder, { extra, tensors: {} })
    expect((await model.loadTrainingState(folder))?.extra).toEqual(extra)
  })
})

test('a disk that is full while a model is saved leaves the older one whole', async ({ skip }) => {
  const disk = join(root, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return skip('a small file system needs root to be mounted')
  }
  try {
    const saved = join(disk, 'model')
    await model.save(saved)
    const large = sequential([layers.dense({ units: 200, inputShape: [200] })])
    await expect(large.save(saved)).rejects.toMatchObject({ code: 'ENOSPC' })
    await expect(large.saveWeights(join(disk, 'weights'))).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await flatWeights(await loadModel(saved))).toEqual(await flatWeights(model))
    expect(execFileSync('ls', [disk], { encoding: 'utf8' })).toBe('model\n')
  } finally {
    execFileSync('umount', [disk])
  }
})
