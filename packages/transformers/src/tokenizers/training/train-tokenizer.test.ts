import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Tokenizer } from '../tokenizer.ts'
import { repeatedSubstrings } from './substrings.ts'
import { trainTokenizer } from './train-tokenizer.ts'

const golden = (name: string) => new URL(`../../../golden/tokenizers/${name}`, import.meta.url)
const lines = readFileSync(golden('corpus.txt'), 'utf8').split('\n')
const python = JSON.parse(readFileSync(golden('trained.json'), 'utf8'))

interface Learned {
  readonly vocab: Readonly<Record<string, number>>
  readonly merges: readonly (readonly [string, string])[]
}

async function* streamed() {
  for (const line of lines) yield line
}

test("byte-pair encoding learns Python's merges and ids", async () => {
  const json = await trainTokenizer({ kind: 'bpe', vocabSize: 900 }, streamed())
  const { vocab, merges } = json.model as Learned
  expect(merges).toEqual(python.bpe.merges)
  expect(vocab).toEqual(python.bpe.vocab)
  const frequent = await trainTokenizer(
    { kind: 'bpe', vocabSize: 5000, minFrequency: 40, specialTokens: [] },
    lines,
  )
  expect((frequent.model as Learned).merges).toEqual(python.frequent)
})

test("WordPiece learns Python's words but for pairs that stand equally often", async () => {
  const json = await trainTokenizer({ kind: 'wordpiece', vocabSize: 900 }, lines)
  const words = Object.entries((json.model as Learned).vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([word]) => word)
  const known = new Set<string>(python.wordpiece)
  expect(words.length).toBe(900)
  // Two runs of Python's differ by as many.
  expect(words.filter((word) => !known.has(word)).length).toBeLessThanOrEqual(4)
  expect(words.slice(0, 5)).toEqual(python.wordpiece.slice(0, 5))
})

type Vocabulary = readonly (readonly [string, number])[]
const unigrams: readonly {
  readonly texts: 'corpus.txt' | 'texts.json'
  readonly size: number
  readonly vocab: Vocabulary
}[] = JSON.parse(readFileSync(golden('trained-unigram.json'), 'utf8'))
const textsOf = {
  'corpus.txt': lines,
  'texts.json': JSON.parse(readFileSync(golden('texts.json'), 'utf8')).corpus as readonly string[],
}

test.each(unigrams)("Unigram learns Python's words and scores: $texts, $size", async (one) => {
  const json = await trainTokenizer({ kind: 'unigram', vocabSize: one.size }, textsOf[one.texts])
  const { vocab } = json.model as { readonly vocab: Vocabulary }
  const [ours, theirs] = [new Map(vocab), new Map(one.vocab)]
  expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort())
  // Characters that no word was left for have the lowest scores, one each, in Python in the order of a hash table.
  const differing = [...ours].filter(([word, score]) => Math.abs(score - (theirs.get(word) ?? 0)) > 1e-9)
  expect(differing.filter(([word]) => Array.from(word).length > 1)).toEqual([])
  const sorted = (scores: Iterable<number>) => [...scores].sort((a, b) => a - b)
  const expected = sorted(theirs.values())
  for (const [i, score] of sorted(ours.values()).entries())
    expect(Math.abs(score - (expected[i] as number))).toBeLessThan(1e-9)
})

test('what was learned is a tokenizer', async () => {
  for (const kind of ['bpe', 'wordpiece', 'unigram'] as const) {
    const json = await trainTokenizer({ kind, vocabSize: 800 }, lines)
    const tokenizer = Tokenizer.fromFiles({ tokenizer: JSON.parse(JSON.stringify(json)) })
    const { ids } = tokenizer.encode('the tensor is here')
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('the tensor is here')
    expect(tokenizer.vocabularySize).toBe(800)
  }
})

test('repeated substrings are those that a search finds', () => {
  const words = ['banana', 'bandana', 'ana', 'xan']
  const flat = words.map((word) => `${word}\0`).join('')
  const expected = new Map<string, number>()
  for (let from = 0; from < flat.length; from++) {
    for (let to = from + 2; to <= from + 4; to++) {
      const text = flat.slice(from, to)
      if (text.length !== to - from || text.includes('\0')) continue
      const next = new Set<string>()
      let count = 0
      for (let at = flat.indexOf(text); at >= 0; at = flat.indexOf(text, at + 1)) {
        next.add(flat[at + text.length] as string)
        count++
      }
      if (next.size > 1) expected.set(text, count)
    }
  }
  const found = repeatedSubstrings(words, 4)
  expect(new Map(found.map(({ text, count }) => [text, count]))).toEqual(expected)
})

test('refuses what cannot be learned', async () => {
  await expect(
    trainTokenizer({ kind: 'wordpiece', vocabSize: 100, specialTokens: [] }, lines),
  ).rejects.toThrow(/specialTokens: expected \[UNK\] among them/)
  await expect(trainTokenizer({ kind: 'bpe', vocabSize: 100 }, [])).rejects.toThrow(
    'trainTokenizer: expected texts, received none.',
  )
  await expect(trainTokenizer({ kind: 'unigram', vocabSize: 10 }, ['abcdefghijklm'])).rejects.toThrow(
    /vocabSize: expected at least 17, for 14 characters and 3 special tokens, received 10/,
  )
})
