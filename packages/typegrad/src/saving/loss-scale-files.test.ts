// What files of Keras keep of an optimizer that wraps another.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  FormatError,
  layers,
  loadModel,
  type Model,
  optimizers,
  readKeras,
  readKerasH5,
  sequential,
  type Tensor,
  writeKeras,
  writeKerasH5,
} from '../index.ts'

const folder = new URL('../../golden/keras-files/', import.meta.url)
const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)))
const told = JSON.parse(new TextDecoder().decode(bytesOf('loss_scale.json'))) as Record<
  'x' | 'y' | 'weights' | 'state' | 'afterWeights' | 'afterState',
  number[][]
>

const listed = async (tensors: readonly Tensor[]): Promise<number[][]> =>
  await Promise.all(tensors.map(async (t) => Array.from(await t.data(), Number)))
const stateOf = (model: Model) => listed(model.optimizer.variables.map((v) => v.value))
const near = (values: number[][]) => values.map((list) => list.map((value) => expect.closeTo(value, 5)))

const ways: [string, () => Promise<Model>][] = [
  ['.keras', () => readKeras(bytesOf('loss_scale.keras'))],
  ['.h5', () => readKerasH5(bytesOf('loss_scale.h5'))],
  [
    '.keras written again',
    async () => readKeras(await writeKeras(await readKeras(bytesOf('loss_scale.keras')))),
  ],
  [
    '.h5 written again',
    async () => readKerasH5(await writeKerasH5(await readKerasH5(bytesOf('loss_scale.h5')))),
  ],
]

test.each(ways)(
  '%s: counter, scale and the state of the inner optimizer, and it trains on as Keras does',
  async (_, load) => {
    const model = await load()
    expect(await listed(model.getWeights())).toEqual(near(told.weights))
    expect(await stateOf(model)).toEqual(near(told.state))
    for (let step = 0; step < 3; step++) await model.trainOnBatch(told.x, told.y)
    expect(await listed(model.getWeights())).toEqual(near(told.afterWeights))
    expect(await stateOf(model)).toEqual(near(told.afterState))
  },
)

test.each(['loss_scale_fresh.keras', 'loss_scale_fresh.h5'])(
  '%s: an optimizer before its first step',
  async (file) => {
    const model = await (file.endsWith('h5') ? readKerasH5(bytesOf(file)) : readKeras(bytesOf(file)))
    for (let step = 0; step < 5; step++) await model.trainOnBatch(told.x, told.y)
    expect(await stateOf(model)).toEqual(near(told.state))
  },
)

test('several optimizers go into a folder, and are refused in files of Keras', async () => {
  const made = () => {
    const model = sequential([
      layers.dense({ units: 2, inputShape: [3], name: 'a' }),
      layers.dense({ units: 2, name: 'b' }),
    ])
    const optimizer = optimizers.multiOptimizer({ defaultOptimizer: 'sgd', optimizerMap: { 'a/.*': 'adam' } })
    model.compile({ optimizer, loss: 'mse' })
    return model
  }
  const model = made()
  await model.trainOnBatch(told.x, told.y)
  await expect(writeKeras(model)).rejects.toThrow(FormatError)
  await expect(writeKerasH5(model)).rejects.toThrow(/MultiOptimizer.*into a folder/s)
  const at = mkdtempSync(join(tmpdir(), 'typegrad-multi-'))
  await model.save(join(at, 'model'))
  expect(await stateOf(await loadModel(join(at, 'model')))).toEqual(await stateOf(model))
  rmSync(at, { recursive: true })
})
