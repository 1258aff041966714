import { expect, test } from 'vitest'
import { layOut } from './progress-layout.ts'

const metrics = ['loss: 0.3142', 'accuracy: 0.9012', 'val_loss: 0.4142', 'val_accuracy: 0.8765']
const whole = { count: '422/422', share: 1, notes: ['3s', '8ms/step'], metrics }

test('the bar, the speed and the time are given up for the metrics, in this order', () => {
  const of = (columns: number) => layOut(whole, columns)
  expect(of(119)).toEqual([`422/422 ${'━'.repeat(30)} 3s 8ms/step ${metrics.join(' ')}`])
  expect(of(99)).toEqual([`422/422 ${'━'.repeat(99 - 87 - 1)} 3s 8ms/step ${metrics.join(' ')}`])
  expect(of(87)).toEqual([`422/422 3s 8ms/step ${metrics.join(' ')}`])
  expect(of(79)).toEqual([`422/422 3s ${metrics.join(' ')}`])
  expect(of(75)).toEqual([`422/422 ${metrics.join(' ')}`])
})

test('metrics that do not fit behind the count go on in lines of their own, and bar and notes are back', () => {
  expect(layOut(whole, 49)).toEqual([
    `422/422 ${'━'.repeat(29)} 3s 8ms/step`.slice(0, 49),
    'loss: 0.3142 accuracy: 0.9012 val_loss: 0.4142',
    'val_accuracy: 0.8765',
  ])
  expect(layOut(whole, 29)).toEqual([
    `422/422 ${'━'.repeat(9)} 3s 8ms/step`,
    'loss: 0.3142 accuracy: 0.9012',
    'val_loss: 0.4142',
    'val_accuracy: 0.8765',
  ])
})

test('no width loses a metric or is exceeded', () => {
  for (let columns = 1; columns < 130; columns++) {
    const lines = layOut(whole, columns)
    const text = lines.join('').replaceAll(' ', '')
    for (const metric of metrics) expect(text, `${columns} columns`).toContain(metric.replaceAll(' ', ''))
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
  }
})

test('where the end is not known there is no bar', () => {
  expect(layOut({ ...whole, share: undefined }, 119)).toEqual([`422/422 3s 8ms/step ${metrics.join(' ')}`])
})
