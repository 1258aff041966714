import { describe, expect, test } from 'vitest'
import { vocabulary } from '../../testing/constrained.ts'
import { uniform } from '../sampling/sampler.ts'
import { Constraint, constraintProcessor } from './constraint.ts'
import { jsonSchemaGrammar } from './json-schema.ts'
import { regexGrammar } from './regex.ts'
import { TokenSet } from './token-set.ts'
import { Vocabulary } from './vocabulary.ts'

const encoder = new TextEncoder()
const end = vocabulary.endTokens[0] as number
const byte = (character: string): number => character.charCodeAt(0)

describe('a token set', () => {
  test('gives its ids in order, and is empty at first', () => {
    const set = new TokenSet(70)
    expect(set.isEmpty).toBe(true)
    for (const id of [69, 0, 31, 32, 63]) set.add(id)
    expect([...set]).toEqual([0, 31, 32, 63, 69])
    expect([set.has(31), set.has(30), set.has(1000)]).toEqual([true, false, false])
  })
})

describe('a constraint', () => {
  test('a token may end within a character, and the next must go on there', () => {
    const constraint = new Constraint(regexGrammar('[日本]'), vocabulary)
    const within = constraint.start().advance(0xe6)
    // U+65E5 is E6 97 A5, U+672C is E6 9C AC.
    expect([...within.mask()]).toEqual([0x97, 0x9c])
    expect([...within.advance(0x97).mask()]).toEqual([0xa5])
    expect([...within.advance(0x97).advance(0xa5).mask()]).toEqual([end])
  })

  test('ids of the same bytes are allowed alike, and ids that are no text never', () => {
    const words = ['a', 'a', '', 'ab', 'b'].map((word) => encoder.encode(word))
    const twice = new Vocabulary([...words, undefined, undefined], { endTokens: [6, 2] })
    const start = new Constraint(regexGrammar('ab?'), twice).start()
    expect([...start.mask()]).toEqual([0, 1, 3])
    expect([...start.advance(1).mask()]).toEqual([2, 4, 6])
    expect([...start.advance(1).advance(2).mask()]).toEqual([])
  })

  test('states do not change: two continuations of one', () => {
    const state = new Constraint(regexGrammar('a|bc'), vocabulary).start()
    const [a, b] = [state.advance(byte('a')), state.advance(byte('b'))]
    expect([a.isComplete, b.isComplete, state.isComplete]).toEqual([true, false, false])
  })

  test('refuses tokens that may not come', () => {
    const state = new Constraint(regexGrammar('ab'), vocabulary).start()
    expect(() => state.advance(byte('b'))).toThrow('token 98 ("b")')
    expect(() => state.advance(end)).toThrow('a token that may come next')
    expect(() => state.advance(end - 1)).toThrow('a token that may come next')
    const done = state.advance(byte('a')).advance(byte('b')).advance(end)
    expect(done.isEnded).toBe(true)
    expect(() => done.advance(end)).toThrow('a token that may come next')
  })
})

describe('as a processor', () => {
  const allowed = (
    processor: ReturnType<typeof constraintProcessor>,
    history: readonly number[],
  ): number[] => {
    const logits = new Float32Array(vocabulary.size).fill(1)
    processor.process(logits, history)
    return [...logits.keys()].filter((id) => logits[id] !== Number.NEGATIVE_INFINITY)
  }

  test('follows a history behind its prompt, other ones too, and lets ended ones be', () => {
    const processor = constraintProcessor(new Constraint(regexGrammar('(?:px|qy)+'), vocabulary), 2)
    const [a, b, x, y] = [...'pqxy'].map(byte) as [number, number, number, number]
    expect(allowed(processor, [7, 7])).toEqual([a, b])
    expect(allowed(processor, [7, 7, a])).toEqual([x])
    expect(allowed(processor, [7, 7, b])).toEqual([y])
    expect(allowed(processor, [7, 7, b, y])).toEqual([a, b, end])
    expect(allowed(processor, [7, 7, b, y, end]).length).toBe(vocabulary.size)
    expect(() => allowed(processor, [7, 7, x])).toThrow('a token that may come next')
    expect(allowed(processor, [7, 7])).toEqual([a, b])
  })

  test('says when the vocabulary cannot write what is asked for', () => {
    const few = new Vocabulary([encoder.encode('a'), undefined], { endTokens: 1 })
    const processor = constraintProcessor(new Constraint(regexGrammar('ab'), few), 0)
    processor.process(new Float32Array(2), [])
    expect(() => processor.process(new Float32Array(2), [0])).toThrow('no token that may come next')
  })

  test('logits beyond the vocabulary are ruled out', () => {
    const logits = new Float32Array(vocabulary.size + 3)
    constraintProcessor(new Constraint(regexGrammar('a'), vocabulary), 0).process(logits, [])
    expect([...logits.slice(-3)]).toEqual(Array(3).fill(Number.NEGATIVE_INFINITY))
  })
})

test('masks of 50,000 tokens take milliseconds, and none where they were seen', () => {
  const random = uniform(3)
  const letters = 'abcdefghijklmnopqrstuvwxyz{}[]",: 0123456789é日'
  const word = (): string =>
    Array.from(
      { length: 1 + Math.floor(random() * 7) },
      () => letters[Math.floor(random() * letters.length)],
    ).join('')
  const bytes = Array.from({ length: 256 }, (_, one) => Uint8Array.of(one))
  const large = new Vocabulary(
    [...bytes, ...Array.from({ length: 50_000 }, () => encoder.encode(word())), undefined],
    {
      endTokens: 50_256,
    },
  )
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' }, list: { type: 'array', items: { type: 'integer' } } },
    required: ['name', 'list'],
  }
  const constraint = new Constraint(jsonSchemaGrammar(schema), large)
  const times = (): number[] => {
    const taken: number[] = []
    let state = constraint.start()
    for (const one of encoder.encode('{"name": "a text of words", "list": [12, 345, 6]}')) {
      const start = performance.now()
      state.mask()
      taken.push(performance.now() - start)
      state = state.advance(one)
    }
    return taken.sort((a, b) => a - b)
  }
  const [first, again] = [times(), times()]
  // Within a string nearly all tokens are walked through: 10 ms of processor time. The room is for busy machines.
  expect(first.at(-1)).toBeLessThan(3000)
  expect(again[Math.floor(again.length / 2)]).toBeLessThan(10)
})
