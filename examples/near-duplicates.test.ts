import { expect, test } from 'vitest'
import { nearDuplicates } from './near-duplicates.ts'

const text = (seed: number): string =>
  Array.from(
    { length: 60 },
    (_, i) => `w${String.fromCharCode(97 + ((seed * 7 + i * i * (seed + 3)) % 23), 97 + ((i * seed) % 19))}`,
  ).join(' ')

test('a text with a few other words is a near-duplicate, another text is none', () => {
  const a = text(1)
  const groups = nearDuplicates([a, text(2), `Dear John, ${a} 10149`, text(3), a.replace(/ \S+$/, ' end')])
  expect(groups[2]).toBe(groups[0])
  expect(groups[4]).toBe(groups[0])
  expect(new Set(groups).size).toBe(3)
})

test('a key joins texts that are not alike, and likeness joins keys', () => {
  const groups = nearDuplicates([text(1), text(2), text(3), text(1), text(4)], ['a', 'b', 'b', 'c', 'd'])
  expect(groups[1]).toBe(groups[2])
  expect(groups[0]).toBe(groups[3])
  expect(new Set(groups).size).toBe(3)
})

test('empty texts stand alone', () => {
  expect(new Set(nearDuplicates(['', '', '1 2 3'])).size).toBe(3)
})
