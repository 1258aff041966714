import { expect, test } from 'vitest'
import { ArgumentError } from '../base/errors.ts'
import { Monitor, type MonitorMode } from './monitor.ts'

const direction = (monitor: string) => new Monitor('test', { monitor }).direction

test.each(['loss', 'val_loss', 'mean_squared_error', 'mae', 'val_binary_crossentropy', 'accuracy_loss'])(
  'less is better: %s',
  (name) => expect(direction(name)).toBe('min'),
)

test.each(['accuracy', 'val_accuracy', 'acc', 'auc', 'top_k_categorical_accuracy', 'precision', 'f1_score'])(
  'more is better: %s',
  (name) => expect(direction(name)).toBe('max'),
)

test('the mode overrules the name', () => {
  expect(new Monitor('test', { monitor: 'loss', mode: 'max' }).direction).toBe('max')
  expect(() => new Monitor('test', { mode: 'most' as MonitorMode })).toThrow(ArgumentError)
})

test("a log's name in camelCase is found", () => {
  expect(new Monitor('test', { monitor: 'valLoss' }).read({ loss: 1, val_loss: 2 })).toBe(2)
})

test('improvements are larger than minDelta', () => {
  const less = new Monitor('test', { monitor: 'loss', minDelta: 0.5 })
  expect([less.improves(1, 1.4), less.improves(1, 1.6), less.improves(1, undefined)]).toEqual([
    false,
    true,
    true,
  ])
  const more = new Monitor('test', { monitor: 'accuracy', minDelta: 0.5 })
  expect([more.improves(1, 0.6), more.improves(1, 0.4), more.improves(Number.NaN, 0)]).toEqual([
    false,
    true,
    false,
  ])
})
