import { describe, expect, test } from 'vitest'

import { fromKeras2 } from './keras-2.ts'

const layer = (class_name: string, config: object) => ({ class_name, config })
const read = (value: unknown) => fromKeras2(value, 'model.json')

describe("Keras 2's words", () => {
  test.each([
    ['another name', layer('LeakyReLU', { alpha: 0.2 }), { alpha: null, negative_slope: 0.2 }],
    ['the same name', layer('ELU', { alpha: 0.2 }), { alpha: 0.2 }],
    ['an axis in a list', layer('BatchNormalization', { axis: [3] }), { axis: 3 }],
    [
      'another line under the same name',
      layer('LSTM', { activation: 'tanh', recurrent_activation: 'hard_sigmoid', name: 'hard_sigmoid' }),
      { activation: 'tanh', recurrent_activation: 'legacy_hard_sigmoid', name: 'hard_sigmoid' },
    ],
    ['policies', layer('Dense', { dtype: layer('Policy', { name: 'float32' }) }), { dtype: 'float32' }],
    [
      'a stack of cells',
      layer('RNN', { cells: [layer('GRUCell', { units: 2 })], name: 'rnn' }),
      { name: 'rnn', cell: layer('StackedRNNCells', { cells: [layer('GRUCell', { units: 2 })] }) },
    ],
  ])('%s', (_, value, config) => {
    expect(read(value)).toEqual({ ...value, config })
  })

  test('a list of layers', () => {
    expect(read({ class_name: 'Sequential', config: [layer('Flatten', {})] })).toEqual(
      layer('Sequential', { layers: [layer('Flatten', {})] }),
    )
  })

  test('steps in front of batches are refused', () => {
    expect(() => read(layer('GRU', { time_major: true, name: 'gru' }))).toThrow(/'gru'.*time_major/)
  })
})

test("a nested model's uses count from 0", () => {
  const nested = { ...layer('Sequential', { layers: [] }), name: 'inner', inbound_nodes: [[['x', 0, 0, {}]]] }
  const shared = {
    ...layer('Dense', {}),
    name: 'dense',
    inbound_nodes: [[['x', 0, 0, {}]], [['inner', 1, 0, {}]]],
  }
  const read = fromKeras2(
    layer('Functional', {
      layers: [nested, shared],
      output_layers: [
        ['inner', 1, 0],
        ['dense', 1, 0],
      ],
    }),
    'model.json',
  )
  expect(read).toEqual(
    layer('Functional', {
      layers: [nested, { ...shared, inbound_nodes: [[['x', 0, 0, {}]], [['inner', 0, 0, {}]]] }],
      output_layers: [
        ['inner', 0, 0],
        ['dense', 1, 0],
      ],
    }),
  )
})
