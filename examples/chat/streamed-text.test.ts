import { expect, test } from 'vitest'
import { StreamedText } from './streamed-text.ts'

const written = (pieces: Iterable<string>, columns: number): string => {
  const text = new StreamedText(columns)
  return [...pieces].map((piece) => text.push(piece)).join('') + text.finish()
}

test('lines break between words, wherever the pieces are cut', () => {
  const whole = 'the quick brown fox jumps over it'
  const expected = 'the quick\nbrown fox\njumps over\nit'
  expect(written([whole], 10)).toBe(expected)
  expect(written(whole, 10)).toBe(expected)
  expect(written(['the qu', 'ick brown f', 'ox jumps over it'], 10)).toBe(expected)
})

test('lines and indentation stay, and a word that is too long is cut', () => {
  expect(written('if x:\n  return\n\nend', 20)).toBe('if x:\n  return\n\nend')
  expect(written('a abcdefghijklm b', 5)).toBe('a\nabcde\nfghij\nklm b')
})

test('a word is written as soon as it has ended', () => {
  const text = new StreamedText(20)
  expect(['on', 'e t', 'wo', ' '].map((piece) => text.push(piece))).toEqual(['', 'one', '', ' two'])
})

test('Chinese breaks between characters, each of which is two columns wide', () => {
  expect(written('今天天气很好', 6)).toBe('今天天\n气很好')
})

test('nothing commands the terminal', () => {
  expect(written('a\x1b[2Jb\r\x07\u202ec', 80)).toBe('a�[2Jb��c')
})
