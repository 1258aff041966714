import { expect, test } from 'vitest'

import { layers, sequential } from '../index.ts'
import { tfjsPlaces } from './tfjs-variables.ts'

/** Which of the model's weights each name means. */
const meant = (model: Parameters<typeof tfjsPlaces>[0], names: readonly string[]) =>
  tfjsPlaces(model, names, 'model.json').map(([name, variable]) => [name, variable.name])

test("names of Keras 2, with its cells' numbers and scopes", () => {
  const model = sequential([
    layers.bidirectional({
      layer: layers.lstm({ units: 2, name: 'lstm' }),
      inputShape: [3, 1],
      name: 'both',
    }),
    layers.dense({ units: 1, name: 'dense' }),
  ])
  const of = (direction: string, cell: string) =>
    ['kernel', 'recurrent_kernel', 'bias'].map((name) => `scope/both/${direction}_lstm/${cell}/${name}:0`)
  const names = [
    ...of('backward', 'lstm_cell_5'),
    ...of('forward', 'lstm_cell_4'),
    'dense/bias',
    'dense/kernel',
  ]
  const lists = model.layers[0]?.weights.map((weight) => weight.name) ?? []
  expect(meant(model, names)).toEqual([
    ...names.slice(0, 6).map((name, i) => [name, lists[(i + 3) % 6]]),
    ['dense/bias', 'dense/bias'],
    ['dense/kernel', 'dense/kernel'],
  ])
})

test('the weight with the fewest layers around it is meant', () => {
  const inner = sequential([layers.dense({ units: 2, useBias: false, name: 'dense', inputShape: [2] })], {
    name: 'inner',
  })
  const model = sequential([inner, layers.dense({ units: 2, useBias: false, name: 'dense_1' })])
  expect(meant(model, ['dense/kernel', 'dense_1/kernel'])).toEqual([
    ['dense/kernel', 'dense/kernel'],
    ['dense_1/kernel', 'dense_1/kernel'],
  ])
  const [nested, outer] = model.weights
  const twins = sequential([inner, layers.dense({ units: 2, useBias: false, name: 'dense' })])
  const places = tfjsPlaces(twins, ['inner/dense/kernel', 'dense/kernel'], 'model.json')
  expect(places.map(([, variable]) => variable)).toEqual([nested, twins.layers[1]?.weights[0]])
  expect(outer).not.toBe(nested)
})

test('a name that means two weights is refused', () => {
  const block = (name: string) =>
    sequential([layers.dense({ units: 2, useBias: false, name: 'dense', inputShape: [2] })], { name })
  const model = sequential([block('first'), block('second')])
  expect(() => meant(model, ['dense/kernel', 'second/dense/kernel'])).toThrow(/that of 2/)
  expect(meant(model, ['first/dense/kernel', 'second/dense/kernel'])).toHaveLength(2)
})
