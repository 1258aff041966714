import { describe, expect, test } from 'vitest'
import { layers, sequential, tensor } from '../index.ts'

const model = () => {
  const one = sequential([layers.dense({ units: 1, inputShape: [2] })])
  one.compile({ loss: 'mse' })
  return one
}

/** Rows with a value in the place of the second one's second number. */
const rowsWith = (value: unknown) =>
  [
    [1, 2],
    [3, value],
    [5, 6],
  ] as never

describe('what is no number is named with its place and what to do', () => {
  test.each([
    [
      'a number as text',
      '4',
      'received the string "4". Numbers that were read as text become numbers by Number("4").',
    ],
    ['text', 'red', 'received the string "red". Text is no number: number the categories'],
    ['an empty field', '', 'received the string "". Text is no number'],
    [
      'a date',
      new Date(0),
      'received the date 1970-01-01T00:00:00.000Z. Make dates numbers that mean something',
    ],
    ['null', null, 'received null. A value is missing there: fill it in, or leave the row out.'],
    ['undefined', undefined, 'received undefined. A value is missing there'],
    ['an object', { a: 1 }, 'received an object with a. Name the fields that count'],
    [
      'a tensor',
      tensor([1]),
      'received an object of the class Tensor. Put tensors together first: stack(tensors).',
    ],
    ['a promise', Promise.resolve(1), 'received a promise. Await it first.'],
  ])('%s', async (_, value, text) => {
    expect(() => tensor(rowsWith(value))).toThrow(
      `tensor: expected a number at [1][1] (row 1, column 1), ${text}`,
    )
    await expect(model().fit(rowsWith(value), [1, 2, 3], { verbose: 0 })).rejects.toThrow(
      /expected a number at .*x\[1\]\[1\] \(row 1, column 1\), received/,
    )
    await expect(
      model().fit(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [1, value, 3] as never,
        { verbose: 0 },
      ),
    ).rejects.toThrow(/expected a number at .*y\[1\], received/)
    await expect(model().predict(rowsWith(value))).rejects.toThrow(/expected a number at .*x\[1\]\[1\]/)
  })

  test.each([
    ['a string', 'abc'],
    ['null', null],
    ['a promise', Promise.resolve([[1, 2]])],
    ['a date', new Date(0)],
  ])('%s in the place of all data', async (_, value) => {
    await expect(model().fit(value as never, [1], { verbose: 0 })).rejects.toThrow(
      /expected a tensor, a typed array or nested arrays of numbers, received/,
    )
  })
})
