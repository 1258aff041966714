import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../base/errors.ts'
import { fromKerasKeys, parseConfig, toKerasKeys } from './keras-config.ts'

describe('keys', () => {
  test.each([
    ['className', 'class_name'],
    ['units', 'units'],
    ['beta1', 'beta1'],
    ['kernelInitializer', 'kernel_initializer'],
    ['dense_1', '=dense_1'],
    ['out_a', '=out_a'],
    ['Dog', '=Dog'],
    ['=', '=='],
  ])('%s is written as %s', (key, written) => {
    expect(toKerasKeys({ [key]: [{ [key]: 'className' }] })).toEqual({
      [written]: [{ [written]: 'className' }],
    })
    expect(fromKerasKeys({ [written]: 1 })).toEqual({ [key]: 1 })
  })

  test('of Keras are read in camel case', () => {
    expect(fromKerasKeys({ build_config: { input_shape: [null, 4] }, beta_1: 0.9 })).toEqual({
      buildConfig: { inputShape: [null, 4] },
      beta1: 0.9,
    })
  })

  test('come back, whatever they are', () => {
    const names = fc
      .oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9_=]{0,8}$/))
      .filter((key) => key !== '__proto__')
    fc.assert(
      fc.property(fc.dictionary(names, fc.dictionary(names, fc.integer())), (config) => {
        const written = JSON.parse(JSON.stringify(toKerasKeys(config))) as unknown
        expect(fromKerasKeys(written)).toEqual({ ...config })
      }),
    )
  })
})

test.each([
  ['{"a":', 'expected JSON, received text that breaks off or is damaged'],
  ['[1]', 'expected a JSON object, received an array'],
  ['null', 'expected a JSON object, received'],
])('%s is no configuration', (text, message) => {
  expect(() => parseConfig(text, 'config.json')).toThrow(FormatError)
  expect(() => parseConfig(text, 'config.json')).toThrow(`config.json: ${message}`)
})
