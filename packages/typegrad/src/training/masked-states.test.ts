import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { input, layers, model, readKeras, type Tensor, tensor, writeKeras } from '../index.ts'
import type { AnyModel } from '../models/model.ts'
import { expectClose } from '../testing/closeness.ts'

const folder = new URL('../../golden/masked-states/', import.meta.url)
const { ids, state, predictions } = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')) as {
  readonly ids: number[][]
  readonly state: number[][]
  readonly predictions: Readonly<Record<string, number[][]>>
}

const predict = async (of: AnyModel, words = ids): Promise<ArrayLike<number>> => {
  const predicted = await of.predict([tensor(words, { dtype: 'int32' }), tensor(state)])
  return (await (predicted as Tensor).data()) as Float32Array
}

test.each(Object.entries(predictions))(
  '%s with an initial state behind a mask, as Keras has saved it, and written again',
  async (name, expected) => {
    const read = await readKeras(readFileSync(new URL(`${name}.keras`, folder)))
    expectClose(await predict(read), expected.flat(), { scaled: 1e-5 })
    expectClose(await predict(await readKeras(await writeKeras(read))), expected.flat(), { scaled: 1e-5 })
  },
)

test('of a call here the mask counts, in its files too', async () => {
  const [words, start] = [input({ shape: [5], dtype: 'int32' }), input({ shape: [3] })]
  const x = layers.embedding({ inputDim: 7, outputDim: 4, maskZero: true }).apply(words)
  const rnn = layers.simpleRNN({ units: 3 })
  const made = model({ inputs: [words, start], outputs: rnn.apply(x, { initialState: start }) })
  const empty = ids.with(2, [0, 0, 0, 0, 0])
  const told = await predict(made, empty)
  // The third sequence has no step that counts: its state is what it began with.
  expectClose(Array.from(told).slice(6, 9), state[2] as number[])
  expectClose(await predict(await readKeras(await writeKeras(made)), empty), Array.from(told))
  const without = model({
    inputs: [words, start],
    outputs: rnn.apply(x, { initialState: start, mask: null }),
  })
  expect(Array.from(await predict(without, empty)).slice(6, 9)).not.toEqual(Array.from(told).slice(6, 9))
})
