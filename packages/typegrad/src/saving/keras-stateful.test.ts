import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Model, readKeras, readKerasH5, tensor, writeKeras, writeKerasH5 } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'

const file = (name: string): Uint8Array =>
  readFileSync(new URL(`../../golden/stateful/${name}`, import.meta.url))
const { x, y, predicted, loss, after } = JSON.parse(new TextDecoder().decode(file('cases.json'))) as {
  readonly x: number[][][]
  readonly y: number[][]
  readonly predicted: number[][]
  readonly loss: number[]
  readonly after: number[][]
}

const predictions = async (model: Model) => {
  model.resetStates()
  return await (await model.predict(tensor(x), { batchSize: 2 })).data()
}

test.each([
  [
    '.keras',
    () => readKeras(file('model.keras')),
    async (model: Model) => readKeras(await writeKeras(model)),
  ],
  [
    '.h5',
    () => readKerasH5(file('model.h5')),
    async (model: Model) => readKerasH5(await writeKerasH5(model)),
  ],
])('layers out of a %s file keep their states from batch to batch, as in Keras', async (_, read, again) => {
  const model = await read()
  expectClose(await predictions(model), predicted.flat(), { scaled: 1e-5 })
  model.resetStates()
  const { history } = await model.fit(x, y, { batchSize: 2, epochs: 2, shuffle: false, verbose: 0 })
  expectClose(history.loss as number[], loss, { scaled: 1e-5 })
  expectClose(await predictions(model), after.flat(), { scaled: 1e-5 })
  expectClose(await predictions(await again(model)), after.flat(), { scaled: 1e-5 })
  expect(model.states).toHaveLength(3)
})
