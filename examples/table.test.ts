import { expect, test } from 'vitest'
import { table } from './table.ts'

test('columns are as wide as their widest cell, numbers to the right', () => {
  const text = table(
    ['net', 'loss'],
    [
      ['plain', '0.310'],
      ['with dropout', '12.5'],
    ],
  )
  expect(text.split('\n')).toEqual([
    'net             loss',
    '────────────────────',
    'plain          0.310',
    'with dropout    12.5',
  ])
})
