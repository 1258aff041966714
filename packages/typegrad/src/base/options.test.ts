import { describe, expect, test } from 'vitest'
import {
  anything,
  checkOptions,
  checkSpelling,
  count,
  list,
  needed,
  number,
  optionsOf,
  without,
} from './options.ts'

interface Training {
  readonly learningRate: number
  readonly epochs?: number
  readonly negativeSlope?: number
  readonly useBias?: boolean
  readonly callbacks?: readonly unknown[]
}

const checks = optionsOf<Training>()({
  learningRate: needed(number),
  epochs: count,
  negativeSlope: number,
  useBias: anything,
  callbacks: list,
})

const messageOf = (options: unknown): string => {
  try {
    checkOptions('train', options, checks)
  } catch (error) {
    return (error as Error).message
  }
  return 'accepted'
}

describe('options', () => {
  test('that are all known, and values that fit, are accepted', () => {
    expect(messageOf({ learningRate: 0.1, epochs: 3, callbacks: [] })).toBe('accepted')
    expect(messageOf({ learningRate: 0, epochs: undefined })).toBe('accepted')
  })

  test.each([
    ['epoch', 'epochs'],
    ['learning_rate', 'learningRate'],
    ['LearningRate', 'learningRate'],
    ['lr', 'learningRate'],
    ['alpha', 'negativeSlope'],
    ['bias', 'useBias'],
    ['nEpochs', 'epochs'],
  ])('%s is none, and %s is meant', (name, meant) => {
    expect(messageOf({ learningRate: 1, [name]: 1 })).toBe(
      'train: expected only options that it has: learningRate, epochs, negativeSlope, useBias, callbacks, ' +
        `received "${name}". Did you mean ${meant}?`,
    )
  })

  test('names that every object has are none', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(messageOf({ learningRate: 1, [name]: 1 })).toContain(`received "${name}"`)
    }
    expect(messageOf(JSON.parse('{"__proto__": 1, "learningRate": 1}'))).toContain('received "__proto__"')
  })

  test.each([
    [5, 'the number', 'received 5. Options have names: { learningRate: 5 }.'],
    [[1], 'an array', 'received an array of 1. Options have names: { learningRate: …, callbacks: … }.'],
    ['adam', 'a string', 'received the string "adam". Options have names: { learningRate: … }.'],
    [null, 'null', 'received null.'],
    [
      new (class Tensor {
        shape = 1
      })(),
      'an object of a class',
      'received an object of the class Tensor.',
    ],
    [() => 1, 'a function', 'received a function.'],
  ])('%s in their place is told: %s', (value, _, text) => {
    expect(messageOf(value)).toContain('train: expected an object of options: learningRate, epochs')
    expect(messageOf(value)).toContain(text)
  })

  test.each([
    [
      { learningRate: '0.1' },
      'learningRate: expected a number, received the string "0.1". Write it without quotation marks: learningRate: 0.1.',
    ],
    [{ learningRate: Number.NaN }, 'learningRate: expected a number, received NaN.'],
    [{ learningRate: null }, 'learningRate: expected a number, received null.'],
    [{ learningRate: 1, epochs: 1.5 }, 'epochs: expected a positive whole number, received 1.5.'],
    [{ learningRate: 1, epochs: -1 }, 'epochs: expected a positive whole number, received -1.'],
    [
      { learningRate: 1, callbacks: {} },
      'callbacks: expected an array, received an object with nothing in it. Put it into an array: callbacks: [value].',
    ],
    [{}, 'learningRate: expected a number, received none.'],
    [undefined, 'learningRate: expected a number, received none.'],
  ])('a value that does not fit is told: %j', (options, text) => {
    expect(messageOf(options)).toBe(`train: ${text}`)
  })

  test("a class of the user's own may have others, but none that only looks different", () => {
    const spelled = (options: object) => () => checkSpelling('layer', options, checks)
    expect(spelled({ depth: 3, learningRate: 1 })).not.toThrow()
    expect(spelled({ learning_rate: 1 })).toThrow('Did you mean learningRate?')
  })

  test('a table without some of its names', () => {
    expect(Object.keys(without(checks, 'epochs', 'useBias'))).toEqual([
      'learningRate',
      'negativeSlope',
      'callbacks',
    ])
  })
})
