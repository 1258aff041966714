import { expect, test } from 'vitest'
import { grouped, percent, plural, wrapped } from './text.ts'

test('thousands have one form', () => {
  expect([grouped(9), grouped(1234), grouped(1_234_567)]).toEqual(['9', '1,234', '1,234,567'])
  expect([plural(1, 'mistake'), plural(10_000, 'mistake')]).toEqual(['1 mistake', '10,000 mistakes'])
  expect(percent(0.98543)).toBe('98.54\u00a0%')
})

test('lines are broken between words', () => {
  expect(wrapped('one two three', 8)).toBe('one two\nthree')
  expect(wrapped('one two\nthree', 80)).toBe('one two\nthree')
  expect(wrapped('a long-word b', 4)).toBe('a\nlong-word\nb')
})
