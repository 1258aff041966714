import { describe, expect, it } from 'vitest'
import { input, layers, model, ops, random, type Tensor, tensor } from '../../index.ts'
import { maskOf, withMask } from './masks.ts'

const x = random.normal([2, 3, 4], { seed: 1 })
const wide = x.cast('float64')
const state = random.normal([2, 5], { seed: 2 })

// The dtypes are those that Keras 3.15 gives.
describe('floats that come in are cast to the dtype of the layer', () => {
  it.each<[string, (dtype: 'float32' | 'float64') => { apply(x: Tensor): Tensor }]>([
    ['dense', (dtype) => layers.dense({ units: 2, dtype })],
    ['reLU', (dtype) => layers.reLU({ dtype })],
    ['flatten', (dtype) => layers.flatten({ dtype })],
    ['averagePooling1d', (dtype) => layers.averagePooling1d({ dtype })],
    ['lstm', (dtype) => layers.lstm({ units: 2, dtype })],
  ])('%s', (_, make) => {
    expect(make('float64').apply(x).dtype).toBe('float64')
    expect(make('float32').apply(wide).dtype).toBe('float32')
  })

  it('each of a list', async () => {
    for (const layer of [layers.attention, layers.additiveAttention, layers.add, layers.concatenate])
      expect(layer({ dtype: 'float64' }).apply([x, wide]).dtype).toBe('float64')
    const sum = layers.add({ dtype: 'float64' }).apply([tensor([0.1]), tensor([0.1], { dtype: 'float64' })])
    expect(await sum.data()).toEqual(Float64Array.of(Math.fround(0.1) + 0.1))
  })

  it('those among the options of the call', () => {
    const gru = layers.gru({ units: 5, dtype: 'float64' })
    expect(gru.apply(x, { initialState: state }).dtype).toBe('float64')
    const symbolic = layers.gru({ units: 5, dtype: 'float64' })
    expect(symbolic.apply(input({ shape: [3, 4] }), { initialState: input({ shape: [5] }) }).dtype).toBe(
      'float64',
    )
  })

  it('symbolic ones too, and a model computes in the dtype that they promised', () => {
    const inputs = input({ shape: [3, 4] })
    const outputs = layers.reLU({ dtype: 'float64' }).apply(inputs)
    expect(outputs.dtype).toBe('float64')
    expect((model({ inputs, outputs }).apply(x) as Tensor).dtype).toBe('float64')
  })

  it('with the masks that they had', async () => {
    const mask = tensor([
      [true, true, false],
      [true, false, false],
    ])
    const marked = withMask(random.normal([2, 3, 4], { seed: 1 }), mask)
    const given = layers.activation({ activation: 'relu', dtype: 'float64' }).apply(marked)
    expect(maskOf(given)).toBe(mask)
  })

  it('whole numbers stay, and operations keep their own rules', () => {
    const words = tensor([[0, 1]], { dtype: 'int32' })
    expect(layers.flatten({ dtype: 'float64' }).apply(words).dtype).toBe('int32')
    expect(ops.maximum(input({ shape: [3], dtype: 'float64' }), 0).dtype).toBe('float64')
  })
})
