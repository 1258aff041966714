import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Prediction, readKeras, readKerasH5, type Tensor, tensor, writeKeras } from '../index.ts'

const file = (name: string): Uint8Array =>
  readFileSync(new URL(`../../golden/whole-floats/${name}`, import.meta.url))
const { data, predicted } = JSON.parse(new TextDecoder().decode(file('cases.json'))) as {
  readonly data: readonly [number[][], number[][]]
  readonly predicted: readonly { readonly dtype: string; readonly values: number[][] }[]
}

test.each([
  ['.keras', () => readKeras<Prediction>(file('model.keras'))],
  [
    '.keras, written again',
    async () => readKeras<Prediction>(await writeKeras(await readKeras(file('model.keras')))),
  ],
  ['.h5', () => readKerasH5<Prediction>(file('model.h5'))],
])('a float beside whole numbers makes floats, as in Keras, out of %s', async (_, read) => {
  const model = await read()
  const [x, y] = [tensor(data[0], { dtype: 'int32' }), tensor(data[1])]
  const outputs = (await model.predict([x, y])) as readonly Tensor[]
  for (const [i, { dtype, values }] of predicted.entries()) {
    expect.soft(outputs[i]?.dtype, `output ${i}`).toBe(dtype)
    expect
      .soft(await outputs[i]?.toArray(), `output ${i}`)
      .toEqual(values.map((row) => row.map((v) => v + 0)))
  }
})
