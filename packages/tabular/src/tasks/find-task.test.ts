import { type Frame, recipe } from '@typegrad/data'
import { describe, expect, test } from 'vitest'
import { targetCopies } from './bad-targets.ts'
import { findTask, type TaskOptions } from './find-task.ts'
import type { TaskKind } from './task.ts'

const rows = 60
const each = <T>(of: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => of(row))
const frameOf = async (columns: Readonly<Record<string, readonly unknown[]>>): Promise<Frame> =>
  (await recipe([]).fitTransform(columns)).frame

const table = await frameOf({
  answer: each((row) => (row % 3 === 0 ? 'yes' : 'no')),
  flag: each((row) => row % 2 === 0),
  kind: each((row) => ['a', 'b', 'c'][row % 3]),
  stars: each((row) => 1 + (row % 5)),
  price: each((row) => row * 1.5),
  year: each((row) => 1950 + row),
  calls: each((row) => [0, 0, 0, 1, 2, 5, 9, 12, 17, 25, 3, 4, 6, 7][row % 14]),
  gaps: each((row) => (row % 4 === 0 ? null : row % 2)),
  list: each((row) => row % 6),
})

test.each<[string | string[], TaskOptions, TaskKind]>([
  ['answer', {}, 'binary'],
  ['flag', {}, 'binary'],
  ['kind', {}, 'classes'],
  ['stars', {}, 'classes'],
  ['stars', { task: 'regression' }, 'regression'],
  ['price', {}, 'regression'],
  ['year', {}, 'regression'],
  ['calls', {}, 'counts'],
  ['price', { quantiles: [0.9, 0.5] }, 'quantiles'],
  ['stars', { task: 'ranking', group: 'list' }, 'ranking'],
  [['flag', 'answer'], {}, 'labels'],
])('%s, %o: %s', (target, options, kind) => {
  expect(findTask(table, target, options).kind).toBe(kind)
})

test('classes are in order, and the positive one can be chosen', () => {
  const task = findTask(table, 'answer')
  if (task.kind !== 'binary') throw new Error(task.kind)
  expect(task.classes).toEqual(['no', 'yes'])
  expect([...task.values.slice(0, 4)]).toEqual([1, 0, 0, 1])
  const turned = findTask(table, 'answer', { positive: 'no' })
  if (turned.kind !== 'binary') throw new Error(turned.kind)
  expect(turned.classes).toEqual(['yes', 'no'])
  expect([...turned.values.slice(0, 4)]).toEqual([0, 1, 1, 0])
})

test('rows without a target are told apart', () => {
  const task = findTask(table, 'gaps')
  expect(task.missing).toBe(15)
  expect([...task.rows.slice(0, 4)]).toEqual([1, 2, 3, 5])
})

test('levels are put in order', () => {
  const task = findTask(table, 'price', { quantiles: [0.9, 0.5] })
  expect(task.kind === 'quantiles' && task.levels).toEqual([0.5, 0.9])
})

describe('what nothing can be learned from is refused:', () => {
  test.each<[string, readonly unknown[], TaskOptions, RegExp]>([
    ['a constant', each(() => 3), {}, /different values, received 3 in all 60 rows/],
    ['mostly missing', each((row) => (row < 40 ? null : row)), {}, /half of the rows.*received 20 of 60/],
    ['names', each((row) => `customer ${row}`), {}, /come again, received 60 different texts/],
    ['a class of one row', each((row) => (row === 7 ? 'rare' : row % 2 ? 'a' : 'b')), {}, /one row of rare/],
    ['dates', each((row) => new Date(row * 1e9)), {}, /numbers, texts or truth values, received dates/],
    ['values of several types', each((row) => (row % 2 ? 'a' : row)), {}, /several types/],
    [
      'texts as a number',
      each((row) => `${row % 4}`),
      { task: 'regression' },
      /numbers for the task 'regression', received text/,
    ],
    [
      'three values as two classes',
      each((row) => row % 3),
      { task: 'binary' },
      /two values for the task 'binary', received 3/,
    ],
    [
      'counts below 0',
      each((row) => row - 3),
      { task: 'counts' },
      /at least 0 for the task 'counts', received -3/,
    ],
    [
      'infinite numbers',
      each((row) => (row === 5 ? Number.POSITIVE_INFINITY : row / 7)),
      {},
      /row 5: expected a finite number/,
    ],
    [
      'levels beyond 1',
      each((row) => row / 7),
      { quantiles: [0.5, 1.5] },
      /above 0 and below 1, .*received \[0.5,1.5\]/,
    ],
    ['a ranking without lists', each((row) => row % 4), { task: 'ranking' }, /group: expected the column/],
    [
      'a positive class that there is not',
      each((row) => row % 2),
      { positive: 'yes' },
      /positive: expected one of the values of 't', 0 and 1, received "yes"/,
    ],
  ])('%s', async (_, t, options, message) => {
    const frame = await frameOf({ t, other: each((row) => row) })
    expect(() => findTask(frame, 't', options)).toThrow(message)
  })

  test('a column that there is not', () => {
    expect(() => findTask(table, 'pric')).toThrow(/received 'pric'. Did you mean 'price'\?/)
  })
})

test('features that are the target under another name are found', async () => {
  const y = each((row) => row % 3)
  const price = each((row) => Math.sin(row * row))
  const frame = await frameOf({
    code: y.map((value) => ['x', 'y', 'z'][value]),
    near: y.map((value, i) => (i === 8 ? 'x' : ['x', 'y', 'z'][value])),
    euros: price.map((value) => 1.95 * value + 3),
    rounded: price.map((value) => Math.round(value * 10)),
  })
  const all = Uint32Array.from({ length: rows }, (_, row) => row)
  const found = (values: number[], isNumber: boolean): string[] =>
    targetCopies(frame, frame.names, all, Float64Array.from(values), isNumber).map(({ column }) => column)
  expect(found(y, false)).toEqual(['code'])
  expect(found(price, true)).toEqual(['euros'])
})
