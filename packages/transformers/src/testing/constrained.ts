import { expect } from 'vitest'
import { Constraint, type ConstraintState } from '../generation/constraints/constraint.ts'
import type { Grammar } from '../generation/constraints/expression.ts'
import { Vocabulary } from '../generation/constraints/vocabulary.ts'
import { uniform } from '../generation/sampling/sampler.ts'

const encoder = new TextEncoder()

const constraints = new WeakMap<Grammar, Constraint>()

/** The constraint of a grammar over `vocabulary`, made once. */
function constraintOf(grammar: Grammar): Constraint {
  const made = constraints.get(grammar) ?? new Constraint(grammar, vocabulary)
  constraints.set(grammar, made)
  return made
}

/** A vocabulary of all single bytes, then words, then one that is no text, then the end. */
export function byteVocabulary(words: readonly string[]): Vocabulary {
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
  const tokens = [...bytes, ...words.map((word) => encoder.encode(word)), undefined, undefined]
  return new Vocabulary(tokens, { endTokens: tokens.length - 1 })
}

/** Bits of texts, of all lengths, that lie across borders of structure, numbers, and characters of several bytes. */
export const mixedWords: readonly string[] = [
  ...['{"', '":', '": ', '",', '", "', '"}', '}}', '}', ']', '[[', '],', '],[', '{}', '[]', '": "', '":{"'],
  ...['true', 'false', 'null', 'tr', 'ue', 'nul', 'l,', '-1', '0.', '.5', 'e1', '12', '123', '00', '9,'],
  ...['a', 'ab', 'abc', 'name', 'na', 'me', 'age', 'value', 'next', 'foo', 'bar', 'ba', '\\n', '\\u', '\\"'],
  ...[
    'é',
    '日',
    '日本',
    '本語',
    'ß',
    '🙂',
    'a🙂',
    ' ',
    '  ',
    '\n',
    '\n  ',
    ', ',
    'the',
    ' the',
    '-',
    '--',
    '2024-',
  ],
]

export const vocabulary = byteVocabulary(mixedWords)

/**
 * Texts that tokens give which are chosen at random among those that are allowed. Some end where they can, others go on as
 * long as they must or as they are shorter than `length`.
 */
export function randomTexts(grammar: Grammar, count: number, { seed = 1, length = 60 } = {}): string[] {
  const constraint = constraintOf(grammar)
  const random = uniform(seed)
  const end = vocabulary.endTokens[0] as number
  const texts: string[] = []
  for (let trial = 0; trial < count; trial++) {
    let state: ConstraintState = constraint.start()
    const bytes: number[] = []
    const hurry = 1 + Math.floor(random() * length)
    for (let step = 0; step < 40 * length && !state.isEnded; step++) {
      const ids = [...state.mask()]
      if (ids.length === 0) throw new Error(`dead end after ${bytes}`)
      if (ids.includes(end) !== state.isComplete) throw new Error(`wrong end after ${bytes}`)
      // In a hurry what closes is chosen where it is allowed.
      const closing = ids.filter((id) => id === end || '}]"'.includes(String.fromCharCode(id)))
      const from = step >= hurry && closing.length > 0 ? closing : ids
      const id = from[Math.floor(random() * from.length)] as number
      bytes.push(...vocabulary.bytesOf(id))
      state = state.advance(id)
    }
    if (state.isEnded) texts.push(decode(bytes))
  }
  expect(texts.length, 'texts that ended').toBeGreaterThan(count / 4)
  return texts
}

const decode = (bytes: readonly number[]): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))

/** The tokens of a text, the longest first. */
export function longestTokens(text: string): number[] {
  const bytes = encoder.encode(text)
  const ids: number[] = []
  for (let place = 0; place < bytes.length; ) {
    let best = -1
    for (let id = 0; id < vocabulary.size; id++) {
      const token = vocabulary.bytesOf(id)
      if (token.length === 0 || token.some((byte, i) => bytes[place + i] !== byte)) continue
      if (best < 0 || token.length > vocabulary.bytesOf(best).length) best = id
    }
    ids.push(best)
    place += vocabulary.bytesOf(best).length
  }
  return ids
}

/** Whether a text is allowed, each token of it, by the longest tokens and byte by byte, which have to agree. */
export function allows(grammar: Grammar, text: string): boolean {
  const constraint = constraintOf(grammar)
  const read = (ids: readonly number[]): boolean => {
    let state = constraint.start()
    for (const id of ids) {
      if (!state.mask().has(id)) return false
      state = state.advance(id)
    }
    return state.isComplete
  }
  const byLongest = read(longestTokens(text))
  expect(read([...encoder.encode(text)]), text).toBe(byLongest)
  return byLongest
}
