import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { numbers, output } from './program.ts'
import { entriesOf, unstressed } from './pronounce/dictionary.ts'
import { phonemeErrors } from './pronounce/errors.ts'
import { LetterRules } from './pronounce/letter-rules.ts'
import { symbolTokenizer } from './pronounce/symbols.ts'

test('words of letters alone, with all the ways to say them', () => {
  const dictionary = {
    read: 'R EH1 D',
    'read(2)': 'R IY1 D',
    "read's": 'R IY1 D Z',
    'a.m.': 'EY2 EH1 M',
    aalborg: 'AO1 L # danish',
  }
  expect(entriesOf(dictionary)).toEqual([
    { word: 'read', pronunciations: ['R EH1 D', 'R IY1 D'] },
    { word: 'aalborg', pronunciations: ['AO1 L'] },
  ])
})

test('errors are counted against the nearest pronunciation', () => {
  const entries = entriesOf({ read: 'R EH1 D', 'read(2)': 'R IY1 D', cat: 'K AE1 T' })
  // One of three phonemes too much for the second way, and one of another stress.
  expect(phonemeErrors(['R IY1 D AH0', 'K AE0 T'], entries)).toEqual({ phonemes: 2 / 6, words: 1 })
  expect(phonemeErrors(['R IY1 D AH0', 'K AE0 T'], entries, unstressed)).toEqual({
    phonemes: 1 / 6,
    words: 0.5,
  })
  expect(phonemeErrors(['', 'K AE1 T'], entries)).toEqual({ phonemes: 3 / 6, words: 0.5 })
})

/** A language whose letters give what their neighbours say: c before e and i is S, x two phonemes, h none. */
function say(word: string): string {
  const given = [...word].map((letter, i) => {
    if (letter === 'c') return 'ei'.includes(word[i + 1] ?? ' ') ? 'S' : 'K'
    return ({ x: 'K S', h: '' } as Record<string, string>)[letter] ?? letter.toUpperCase()
  })
  return given.filter((phonemes) => phonemes !== '').join(' ')
}

test('rules find which letter gives which phonemes, and what neighbours change', () => {
  const words: string[] = []
  const letters = 'aeicxhtm'
  for (const a of letters)
    for (const b of letters) for (const c of letters) for (const d of 'aet') words.push(a + b + c + d)
  const train = words.filter((_, i) => i % 5 !== 0)
  const rules = new LetterRules(train.map((word) => [word, say(word)]))
  const held = words.filter((word, i) => i % 5 === 0 && say(word) !== '')
  expect(held.filter((word) => rules.pronounce(word) !== say(word))).toEqual([])
  expect(rules.pronounce('tacexhi')).toBe('T A S E K S I')
})

test('symbols are tokens, and what ends a text is one', () => {
  const tokenizer = symbolTokenizer(['c a t', 'K AE1 T'])
  expect(tokenizer.encode('c a T AE1').tokens).toEqual(['c', 'a', 'T', 'AE1', '</s>'])
  expect(tokenizer.decode(tokenizer.encode('K AE1 T').ids, { skipSpecialTokens: true })).toBe('K AE1 T')
})

test('on a small budget a transformer learns, and is judged beside the rules', {
  timeout: 600_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-pronounce-'))
  const budget = [
    '--data',
    'examples/data/pronunciations.json',
    '--held',
    '24',
    '--width',
    '32',
    '--layers',
    '1',
  ]
  const training = [
    '--epochs',
    '5',
    '--batch',
    '16',
    '--rate',
    '0.01',
    '--dropout',
    '0',
    '--beams',
    '2',
    '--output',
    folder,
  ]
  const text = await output('pronounce.ts', ...budget, ...training)
  await rm(folder, { recursive: true })
  const losses = [...text.matchAll(/val_loss: ([\d.]+)/g)].map(([, loss]) => Number(loss))
  // A guess among 90 symbols is 4.5 nats.
  expect(losses, text).toHaveLength(5)
  expect(losses.at(-1), text).toBeLessThan(3.2)
  const errors = (way: string) => numbers(text, new RegExp(`^${way} +([\\d.]+)\\s%.*$`, 'm'))[0] ?? 100
  expect(errors('rules'), text).toBeLessThan(50)
  expect(errors('transformer'), text).toBeLessThan(100)
})
