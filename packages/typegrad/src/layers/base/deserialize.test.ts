import { expect, test } from 'vitest'
import { ArgumentError, type Tensor, UnknownNameError } from '../../index.ts'
import { deserializeLayer, registerLayer } from './deserialize.ts'
import { Layer, type LayerOptions } from './layer.ts'

class Doubled extends Layer {
  readonly className = 'Doubled'
  call(x: Tensor): Tensor {
    return x.mul(2)
  }
}

test("a user's own layer, once it is registered", () => {
  const saved = { className: 'Doubled', config: { name: 'twice' } }
  expect(() => deserializeLayer(saved)).toThrow(UnknownNameError)
  expect(() => deserializeLayer(saved)).toThrow("register('layer', Doubled)")
  registerLayer('Doubled', (config) => new Doubled(config as LayerOptions))
  const layer = deserializeLayer(saved)
  expect(layer).toBeInstanceOf(Doubled)
  expect(layer.name).toBe('twice')
})

test('the nearest known class is named', () => {
  expect(() => deserializeLayer({ className: 'Conv2d', config: {} })).toThrow("Did you mean 'Conv2D'?")
})

test("the library's classes keep their names", () => {
  expect(() => registerLayer('Dense', (config) => new Doubled(config as LayerOptions))).toThrow(ArgumentError)
})

test('a configuration that is none', () => {
  expect(() => deserializeLayer({ className: 'Dense' } as never)).toThrow(
    /expected an object \{ className, config \}/,
  )
  expect(() => deserializeLayer({ className: 'Dense', config: {} })).toThrow(
    /units: expected a positive whole number/,
  )
})
