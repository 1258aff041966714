import { describe, expect, test } from 'vitest'
import { FormatError } from './errors.ts'
import {
  type Check,
  checked,
  either,
  flag,
  list,
  object,
  oneOf,
  optional,
  orNull,
  real,
  record,
  text,
  whole,
} from './schema.ts'

const check = object({
  id: whole(),
  scores: list(real),
  values: record(either(text, flag)),
  best: orNull(real),
  note: optional(text),
})
const good = { id: 3, scores: [1, Number.NaN], values: { a: 'x', b: true }, best: null }

test('what is as it should be is given back', () => {
  expect(checked(check, good, 'file')).toEqual(good)
})

describe('refused with its place:', () => {
  test.each<[string, unknown, RegExp]>([
    ['null', null, /file: expected an object of id, scores, .* received null/],
    ['a list', [], /received a list/],
    [
      'a missing member',
      { ...good, id: undefined },
      /file\.id: expected a whole number of at least 0, received undefined/,
    ],
    ['a fraction', { ...good, id: 1.5 }, /file\.id: .* received 1\.5/],
    [
      'a number in a text',
      { ...good, scores: [0, '1'] },
      /file\.scores\[1\]: expected a number, received "1"/,
    ],
    ['a number for a list', { ...good, scores: 5 }, /file\.scores: expected a list, received 5/],
    ['of neither kind', { ...good, values: { a: 1 } }, /file\.values\.a: expected true or false, received 1/],
    ['what nothing asked for', { ...good, more: {} }, /file\.more: .* and no more, received an object/],
  ])('%s', (_, value, message) => {
    expect(() => checked(check, value, 'file')).toThrow(FormatError)
    expect(() => checked(check, value, 'file')).toThrow(message)
  })

  test.each<[string, Check<unknown>, unknown]>([
    ['beyond the largest', whole(0, 3), 4],
    ['a list of another length', list(real, 2), [1]],
    ['no known name', oneOf('a', 'b'), 'c'],
  ])('%s', (_, one, value) => {
    expect(() => checked(one, value, 'file')).toThrow(FormatError)
  })
})
