import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { layers, onnxModel, type Sequential, sequential } from '../index.ts'

test('what is not saved whole is refused before anything is written; its weights are kept, and loaded again', async () => {
  const bytes = new Uint8Array(
    await readFile(new URL('../../golden/onnx-models/mlp-dynamo.onnx', import.meta.url)),
  )
  const net = await onnxModel(bytes)
  const withHead = async (): Promise<Sequential> =>
    sequential([await onnxModel(bytes), layers.dense({ units: 2, name: 'head' })])
  const model = await withHead()
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-onnx-'))
  try {
    for (const path of ['folder', 'file.keras', 'file.h5'])
      for (const one of [net, model])
        await expect(one.save(join(folder, path)), path).rejects.toThrow(
          'a network that onnxModel has read. Keep what it has learnt by model.saveWeights(file)',
        )
    expect(await readdir(folder)).toEqual([])

    const [first] = model.getWeights()
    if (first === undefined) throw new Error('it has weights')
    const changed = first.mul(2).add(1)
    const expected = await changed.data()
    model.weights[0]?.assign(changed)
    await model.saveWeights(join(folder, 'weights.safetensors'))
    const again = await withHead()
    await again.loadWeights(join(folder, 'weights.safetensors'))
    expect(await again.getWeights()[0]?.data()).toEqual(expected)
    for (const [i, value] of model.getWeights().entries())
      expect(await again.getWeights()[i]?.data()).toEqual(await value.data())
  } finally {
    await rm(folder, { recursive: true })
  }
})
