import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { readHdf5 } from '../formats/hdf5.ts'
import { readZip, writeZip } from '../formats/zip.ts'
import { layers, loadModel, readKeras, readKerasH5, sequential, writeKeras, writeKerasH5 } from '../index.ts'
import { expectOutputs, one, type SavedCase, savedModels, toTensor } from '../testing/saved-models.ts'

const {
  bytesOf,
  content: { cases },
} = savedModels('saved')

describe.each(Object.entries(cases))('%s', (name, saved) => {
  test('predicts what it predicted in Keras', async () => {
    const model = await readKeras(bytesOf(`${name}.keras`))
    await expectOutputs(model, saved, saved.outputs)
  })

  test('predicts the same from the older format', async () => {
    const model = await readKerasH5(bytesOf(`${name}.h5`))
    await expectOutputs(model, saved, saved.outputs)
    if (saved.after === undefined) return
    await model.trainOnBatch(one(saved.inputs.map(toTensor)), one((saved.labels ?? []).map(toTensor)))
    await expectOutputs(model, saved, saved.after)
  })

  test('goes through our own files unchanged', async () => {
    const model = await readKeras(bytesOf(`${name}.keras`))
    await expectOutputs(await readKeras(await writeKeras(model)), saved, saved.outputs)
    await expectOutputs(await readKerasH5(await writeKerasH5(model)), saved, saved.outputs)
  })

  test.runIf(saved.after !== undefined)('goes on training as Keras does', async () => {
    const labels = one((saved.labels ?? []).map(toTensor))
    for (const model of [
      await readKeras(bytesOf(`${name}.keras`)),
      await readKeras(await writeKeras(await readKeras(bytesOf(`${name}.keras`)))),
      await readKerasH5(await writeKerasH5(await readKeras(bytesOf(`${name}.keras`)))),
    ]) {
      await model.trainOnBatch(one(saved.inputs.map(toTensor)), labels)
      await expectOutputs(model, saved, saved.after ?? [])
    }
  })
})

test.each(['keras', 'h5'])(
  'a path that ends in .%s is such a file, and nothing else is left beside it',
  async (ending) => {
    const folder = await mkdtemp(join(tmpdir(), 'typegrad-'))
    try {
      const saved = cases.convnet as SavedCase
      const model = await readKeras(bytesOf('convnet.keras'))
      const file = `model.${ending}`
      await model.save(join(folder, file))
      expect(await readdir(folder)).toEqual([file])
      await expectOutputs(await loadModel(join(folder, file)), saved, saved.outputs)
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)

test('lists of names and configurations beyond what an HDF5 header holds', async () => {
  const dense = (name: string) => layers.dense({ units: 1, inputShape: [1], name: name.padEnd(5000, '_') })
  const model = sequential(Array.from({ length: 14 }, (_, i) => dense(`${i}`)))
  const bytes = await writeKerasH5(model)
  const parts = await readHdf5(bytes, 'h5', ({ attributes }) => attributes.get('model_weights'))
  // 64512 bytes hold 12 names of 5000.
  expect([parts?.layer_names0?.length, parts?.layer_names1?.length]).toEqual([12, 2])
  const again = await readKerasH5(bytes)
  expect(again.layers.map((layer) => layer.name)).toEqual(model.layers.map((layer) => layer.name))
  expect(await again.weights[0]?.value.item()).toBe(await model.weights[0]?.value.item())
})

/** The dense model's archive with other files in it. */
function dense(change: (files: Map<string, Uint8Array>) => void): Uint8Array {
  const files = readZip(bytesOf('dense.keras'), 'dense.keras')
  change(files)
  return writeZip(Object.fromEntries(files))
}

const edited = (from: RegExp, to: string) =>
  dense((files) => {
    const text = new TextDecoder().decode(files.get('config.json'))
    expect(text).toMatch(from)
    files.set('config.json', new TextEncoder().encode(text.replace(from, to)))
  })

test.each([
  ['code', () => edited(/"class_name": "Dropout"/, '"class_name": "Lambda"'), /never run/],
  ['weights of another shape', () => edited(/"units": 5/, '"units": 6'), /float32 \[4, 6\].*\[4, 5\]/],
  ['surplus weights', () => edited(/"use_bias": true/, '"use_bias": false'), /besides/],
  [
    'an archive without weights',
    () => dense((files) => files.delete('model.weights.h5')),
    /model.weights.h5/,
  ],
  [
    'weights that are cut off',
    () =>
      dense((files) =>
        files.set('model.weights.h5', (files.get('model.weights.h5') as Uint8Array).slice(0, 900)),
      ),
    /HDF5/,
  ],
] as const)('refused: %s', async (_, make, message) => {
  await expect(readKeras(make())).rejects.toThrow(message)
})
