import { expect, test } from 'vitest'
import { Vocabulary, wordsOf } from './vocabulary.ts'

test('words are lower case, numbers are their length, tags and shouting are kept', () => {
  expect(wordsOf("Don't PAY $1999 in 2002!! <font naïve")).toEqual([
    ...["don't", 'pay', '$', '0000', 'in', '0000', '!', '!', '<font', 'naïve'],
  ])
})

test('the most frequent words have numbers, others are unknown, short texts are filled up', () => {
  const vocabulary = new Vocabulary(['to be or not to be', 'to sleep'], { size: 4 })
  expect(vocabulary.size).toBe(4)
  expect([...vocabulary.encode('be there to', 5)]).toEqual([3, 1, 2, 0, 0])
  expect([...vocabulary.encode('to be to be', 3)]).toEqual([2, 3, 2])
  expect([...vocabulary.encodeAll(['to', 'sleep be'], 2)]).toEqual([2, 0, 1, 3])
})
