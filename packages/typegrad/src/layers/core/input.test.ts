import { describe, expect, test } from 'vitest'
import { ArgumentError } from '../../index.ts'
import { deserializeLayer } from '../base/deserialize.ts'
import { layerOf } from '../base/layer.ts'
import { dense } from './dense.ts'
import { InputLayer, input } from './input.ts'

describe('input', () => {
  test('is a place with an open batch', () => {
    const x = input({ shape: [28, 28, 1], dtype: 'uint8', name: 'image' })
    expect(x.shape).toEqual([null, 28, 28, 1])
    expect(x.dtype).toBe('uint8')
    expect(x.application.layer).toBeInstanceOf(InputLayer)
    expect(x.application.layer.name).toBe('image')
    expect(x.application.inputs).toEqual([])
  })

  test('of a fixed batch, and of open sizes', () => {
    expect(input({ shape: [4], batchSize: 8 }).shape).toEqual([8, 4])
    expect(input({ batchShape: [null, null, 3] }).shape).toEqual([null, null, 3])
  })

  test('is what layers are applied to', () => {
    const y = dense({ units: 10 }).apply(input({ shape: [784] }))
    expect(y.shape).toEqual([null, 10])
    expect(layerOf(y.application).countParams()).toBe(7850)
  })

  test('is saved with its shape', () => {
    const layer = new InputLayer({ shape: [null, 3], name: 'x' })
    const config = { name: 'x', batchShape: [null, null, 3], dtype: 'float32' }
    expect(layer.getConfig()).toEqual(config)
    expect(deserializeLayer({ className: 'InputLayer', config }).getConfig()).toEqual(config)
  })

  test('says what does not fit', () => {
    expect(() => input({})).toThrow(ArgumentError)
    expect(() => input({ shape: [-1] })).toThrow(
      'input: expected whole numbers of at least 0, or null, as a shape',
    )
    expect(() => input({ shape: [1], batchShape: [1, 1] })).toThrow(/received both/)
  })
})
