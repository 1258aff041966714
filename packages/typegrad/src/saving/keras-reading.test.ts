import { expect, test } from 'vitest'
import { fromKeras } from './keras-reading.ts'

const read = (class_name: string, config: object): unknown =>
  (fromKeras({ class_name, config: { name: 'it', ...config } }, 'file') as { config: unknown }).config

test('null in a file of Keras is what Keras takes it for', () => {
  // Not set:
  expect(read('Dense', { units: 1, activation: null })).toEqual({ name: 'it', units: 1 })
  // A choice:
  expect(read('Bidirectional', { merge_mode: null })).toEqual({ name: 'it', mergeMode: null })
  expect(read('MeanSquaredError', { reduction: null })).toEqual({ name: 'it', reduction: null })
  expect(read('R2Score', { class_aggregation: null })).toEqual({ name: 'it', classAggregation: null })
  // As good as false, where the default is true:
  expect(read('Dense', { units: 1, use_bias: null })).toEqual({ name: 'it', units: 1, useBias: false })
  expect(read('GRU', { units: 1, reset_after: null })).toEqual({ name: 'it', units: 1, resetAfter: false })
})

test('options that are not followed are refused by name', () => {
  expect(() => read('BatchNormalization', { renorm: true })).toThrow(
    "file: 'it': expected no renorm, received renorm: true",
  )
  expect(() => read('MultiOptimizer', { optimizer_map: {} })).toThrow(
    "file: 'it': expected a model whose weights have one optimizer, received MultiOptimizer",
  )
  expect(read('GRU', { units: 1, stateful: true })).toEqual({ name: 'it', units: 1, stateful: true })
})
