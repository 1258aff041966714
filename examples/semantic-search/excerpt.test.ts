import { expect, test } from 'vitest'
import { excerptOf, sentencesOf } from './excerpt.ts'
import type { Passage } from './passages.ts'

const passage = (...blocks: Passage['blocks']): Passage => ({
  page: 'p',
  title: 'P',
  heading: 'H',
  place: 'p.md#h',
  blocks,
})
const text = (words: string) => ({ kind: 'text', text: words }) as const
const code = (words: string) => ({ kind: 'code', text: words }) as const
const marks = { open: '<', close: '>' }

test('sentences are those of text, and know their block', () => {
  expect(sentencesOf(passage(text('One two. Three, e.g. four?'), code('a.b.c'), text('Five')))).toEqual([
    { block: 0, text: 'One two.' },
    { block: 0, text: 'Three, e.g. four?' },
    { block: 2, text: 'Five' },
  ])
})

test('the best sentence is marked in wrapped lines', () => {
  const whole = passage(text('One two three. Four five six. Seven.'), text('Eight.'))
  expect(excerptOf(whole, { block: 0, text: 'Four five six.' }, 16, marks)).toBe(
    'One two three.\n<Four five six.>\nSeven.\nEight.',
  )
})

test('of a long passage the neighbours of the best sentence are shown, of long code the first lines', () => {
  const filler = (word: string) => text(`${word} `.repeat(75).trim())
  const long = passage(
    filler('before'),
    text('near'),
    text('best'),
    code('1\n2\n3\n4\n5\n6\n7'),
    filler('after'),
  )
  const shown = excerptOf(long, { block: 2, text: 'best' }, 20, marks)
  expect(shown).not.toContain('after')
  expect(shown.endsWith('near\n<best>\n  1\n  2\n  3\n  4\n  5\n  6\n  …')).toBe(true)
  expect(excerptOf(passage(code('x')), undefined, 20, marks)).toBe('  x')
})
