import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { loadModel, readKeras, readTfjs, readTfjsWeights, writeKeras } from '../index.ts'
import { expectOutputs, type Saved, type SavedCase, savedModels } from '../testing/saved-models.ts'

const {
  url,
  bytesOf,
  content: { cases, weights },
} = savedModels<{ cases: Record<string, SavedCase>; weights: Record<string, Saved> }>('tfjs')

const shardOf = (name: string) => (path: string) => bytesOf(`${name}/${path}`)

describe.each(Object.entries(cases))('%s', (name, saved) => {
  test('predicts what it predicted in TensorFlow.js', async () => {
    const model = await loadModel(new URL(`${name}/model.json`, url).pathname)
    await expectOutputs(model, saved, saved.outputs)
    expect(model.isCompiled).toBe(false)
  })

  test('is read from bytes, text and content alike', async () => {
    const bytes = bytesOf(`${name}/model.json`)
    const text = new TextDecoder().decode(bytes)
    const shard = async (path: string) => new Uint8Array(shardOf(name)(path)).buffer
    for (const json of [bytes, text, JSON.parse(text) as Record<string, unknown>])
      await expectOutputs(await readTfjs(json, shard), saved, saved.outputs)
  })
})

test('a graph model gives its weights by name', async () => {
  const found = await readTfjsWeights(bytesOf('graph/model.json'), shardOf('graph'))
  expect([...found.keys()].sort()).toEqual(Object.keys(weights).sort())
  for (const [name, { shape, dtype, data }] of Object.entries(weights)) {
    const value = found.get(name)
    expect([value?.shape, value?.dtype]).toEqual([shape, dtype])
    const numbers = Array.from((await value?.data()) ?? [], Number)
    expect(numbers.map((x) => Number(x.toPrecision(9)))).toEqual(data)
  }
})

/** A manifest of one weight, and the bytes of its file. */
const single = (spec: object, bytes: Uint8Array) =>
  [{ weightsManifest: [{ paths: ['a'], weights: [{ name: 'w', ...spec }] }] }, () => bytes] as const

test.each([
  [{ dtype: 'uint8', shape: [2] }, [7, 255], [7, 255]],
  [{ dtype: 'int32', shape: [1] }, [254, 255, 255, 255], [-2]],
  [{ dtype: 'bool', shape: [1, 2] }, [1, 0], [1, 0]],
  [{ dtype: 'float32', shape: [0] }, [], []],
  // q · scale + min
  [
    { dtype: 'float32', shape: [2], quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
    [0, 5],
    [-1, 1.5],
  ],
  [
    { dtype: 'int32', shape: [2], quantization: { dtype: 'uint16', scale: 2, min: -3 } },
    [1, 0, 0, 1],
    [-1, 509],
  ],
  // Binary16: 1.5, −2, the smallest above 0.
  [
    { dtype: 'float32', shape: [3], quantization: { dtype: 'float16' } },
    [0, 0x3e, 0, 0xc0, 1, 0],
    [1.5, -2, 2 ** -24],
  ],
])('a weight of %o', async (spec, bytes, values) => {
  const found = await readTfjsWeights(...single(spec, Uint8Array.from(bytes)))
  expect(Array.from((await found.get('w')?.data()) ?? [], Number)).toEqual(values)
})

interface ModelJson {
  modelTopology: { config: { layers: { class_name: string; config: Record<string, unknown> }[] } }
  weightsManifest: { paths: string[]; weights: Record<string, unknown>[] }[]
}

/** The dense model's file with something else in it. */
function dense(change: (json: ModelJson) => void): Record<string, unknown> {
  const json = JSON.parse(new TextDecoder().decode(bytesOf('dense/model.json'))) as ModelJson
  change(json)
  return json as unknown as Record<string, unknown>
}

const group = (json: ModelJson) => json.weightsManifest[0] as ModelJson['weightsManifest'][number]
const firstLayer = (json: ModelJson) => json.modelTopology.config.layers[0] as { config: object }

test.each([
  '../secret',
  'a/../../secret',
  '/etc/passwd',
  'https://elsewhere/a.bin',
  'C:\\a.bin',
  '..\\secret',
  '%2e%2e/secret',
  './a.bin',
  '',
])('no file of the path %s is read', async (path) => {
  const json = dense((json) => {
    group(json).paths[1] = path
  })
  let reads = 0
  const reading = readTfjs(json, (shard) => {
    reads += 1
    return shardOf('dense')(shard)
  })
  await expect(reading).rejects.toThrow(/in the folder/)
  expect(reads).toBe(0)
})

test.each([
  ['code', (json: ModelJson) => Object.assign(firstLayer(json), { class_name: 'Lambda' }), /never run/],
  [
    'layers of an unknown class',
    (json: ModelJson) => Object.assign(firstLayer(json), { class_name: 'Dence' }),
    /Did you mean 'Dense'/,
  ],
  [
    'a dtype that is none',
    (json: ModelJson) => Object.assign(group(json).weights[0] ?? {}, { dtype: 'complex64' }),
    /dtype "complex64"/,
  ],
  [
    'a packing that is none',
    (json: ModelJson) => Object.assign(group(json).weights[0] ?? {}, { quantization: { dtype: 'uint4' } }),
    /quantization/,
  ],
  [
    'a shape that is none',
    (json: ModelJson) => Object.assign(group(json).weights[0] ?? {}, { shape: [4, -6] }),
    /whole numbers/,
  ],
  [
    'huge shapes',
    (json: ModelJson) => Object.assign(group(json).weights[0] ?? {}, { shape: [2 ** 40, 2 ** 40] }),
    /whole numbers/,
  ],
  ['files that are too short', (json: ModelJson) => group(json).paths.pop(), /204 bytes.*138/],
  ['a file twice', (json: ModelJson) => group(json).paths.push(group(json).paths[0] as string), /twice/],
  [
    'missing weights',
    (json: ModelJson) => {
      json.weightsManifest.push({ paths: [], weights: [] })
      Object.assign(group(json).weights[1] ?? {}, { name: 'gone/bias' })
    },
    /nothing for 'dense_Dense1\/bias', and besides 'gone\/bias'/,
  ],
  [
    'surplus weights',
    (json: ModelJson) =>
      json.weightsManifest.push({
        paths: [],
        weights: [{ name: 'dense_Dense1/more', shape: [0], dtype: 'float32' }],
      }),
    /besides 'dense_Dense1\/more'/,
  ],
  [
    'two weights of a name',
    (json: ModelJson) => Object.assign(group(json).weights[1] ?? {}, { name: group(json).weights[0]?.name }),
    /two weights have/,
  ],
  [
    'weights of another shape',
    (json: ModelJson) => Object.assign(group(json).weights[0] ?? {}, { shape: [6, 4] }),
    /\[4, 6\].*\[6, 4\]/,
  ],
  ['a graph model', (json: ModelJson) => Object.assign(json, { format: 'graph-model' }), /readTfjsWeights/],
  [
    'no manifest',
    (json: ModelJson) => Object.assign(json, { weightsManifest: undefined }),
    /weightsManifest/,
  ],
  ['groups that are none', (json: ModelJson) => Object.assign(json, { weightsManifest: [3] }), /groups/],
] as const)('refused: %s', async (_, change, message) => {
  await expect(readTfjs(dense(change), shardOf('dense'))).rejects.toThrow(message)
})

test('a missing file is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-'))
  try {
    await writeFile(join(folder, 'model.json'), readFileSync(new URL('dense/model.json', url)))
    await expect(loadModel(join(folder, 'model.json'))).rejects.toThrow(/group1-shard1of3\.bin.*nothing/)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test("the optimizer's weights are left aside", async () => {
  const json = dense((json) =>
    json.weightsManifest.push({
      paths: ['optimizer'],
      weights: [{ name: 'Variable/m', shape: [], dtype: 'uint8', group: 'optimizer' }],
    }),
  )
  const model = await readTfjs(json, (path) =>
    path === 'optimizer' ? Uint8Array.of(1) : shardOf('dense')(path),
  )
  await expectOutputs(model, cases.dense as SavedCase, cases.dense?.outputs ?? [])
})

test("its hard sigmoid is its own, and no file of Keras's can say so", async () => {
  const model = await readTfjs(bytesOf('dense/model.json'), shardOf('dense'))
  expect(model.layers[0]?.getConfig().activation).toBe('legacyHardSigmoid')
  await expect(writeKeras(model)).rejects.toThrow(/legacyHardSigmoid/)
  const recent = await readTfjs(bytesOf('convnet/model.json'), shardOf('convnet'))
  const saved = cases.convnet as SavedCase
  await expectOutputs(await readKeras(await writeKeras(recent)), saved, saved.outputs)
})
