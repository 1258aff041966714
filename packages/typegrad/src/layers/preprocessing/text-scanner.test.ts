import { expect, test } from 'vitest'
import { isWhole } from '../../../../../tools/whole-tests.ts'
import { IndexList } from './index-list.ts'
import { TextScanner, type TextScannerOptions } from './text-scanner.ts'
import { splitters, standardizers } from './text-splitting.ts'
import { textVectorization } from './text-vectorization.ts'
import { TokenTable } from './token-table.ts'

/** Numbers at random (Park and Miller, 1988). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48271) % 0x7fffffff
    return Math.floor((state / 0x7fffffff) * below)
  }
}

const characters = [
  ...Array.from({ length: 0x80 }, (_, unit) => String.fromCharCode(unit)),
  // Letters, spaces and what makes words are as frequent as all else together.
  ...'etaoinETAOIN     \t\n'.repeat(6),
  ...['é', 'Ω', 'ß', 'İ', '日', '語', '𝒳', '🙂', '\u00a0', '\u2003', '\u0085', '\ud7ff', '\ue000'],
]

/** All runs of so many words, joined by spaces, width by width. */
const ngramsOf = (words: readonly string[], widths: readonly number[]): readonly string[] =>
  widths.flatMap((width) =>
    width === 1
      ? words
      : Array.from({ length: Math.max(0, words.length - width + 1) }, (_, i) =>
          words.slice(i, i + width).join(' '),
        ),
  )

/** What `text-splitting.ts` makes of a row of texts. */
function tokensOf(texts: readonly string[], { standardize, split, widths }: TextScannerOptions) {
  const clean = typeof standardize === 'string' ? standardizers[standardize] : standardize
  const cut = typeof split === 'string' ? splitters[split] : split
  const tokens = texts.flatMap((text) => {
    const cleaned = clean === null ? text : clean(text)
    return cut === null ? [cleaned] : cut(cleaned)
  })
  return widths === undefined ? tokens : ngramsOf(tokens, widths)
}

const standardizations = ['lowerAndStripPunctuation', 'lower', 'stripPunctuation', null] as const
const cases: TextScannerOptions[] = [
  ...standardizations.flatMap((standardize) =>
    (['whitespace', 'character', null] as const).flatMap((split) =>
      [undefined, [1, 2], [3]].map((widths) => ({ standardize, split, widths })),
    ),
  ),
  { standardize: (text) => `<${text} E>`, split: 'whitespace', widths: undefined },
  { standardize: 'lower', split: (text) => text.split('e'), widths: [2, 1] },
  { standardize: null, split: (text) => text.split(','), widths: undefined },
]

test.each(cases)('finds the tokens that regular expressions find: %o', (options) => {
  const below = randomFrom(7)
  const text = (): string =>
    Array.from({ length: below(below(8) === 0 ? 700 : 50) }, () => characters[below(characters.length)]).join(
      '',
    )
  for (let round = 0; round < (isWhole ? 2000 : 12); round++) {
    const texts = Array.from({ length: 1 + below(3) }, text)
    const tokens = tokensOf(texts, options)
    const known = [...new Set(tokens.filter((token) => token !== '' && below(3) > 0))]
    const most = below(2) === 0 ? Number.POSITIVE_INFINITY : below(9)
    const into = new IndexList()
    into.push(77)
    new TextScanner(options).lookUp(['no part of it', ...texts], 1, 1 + texts.length, {
      vocabulary: { table: new TokenTable(known), first: 2, unknown: 1, empty: 0 },
      into,
      most,
    })
    const places = new Map(known.map((token, i) => [token, 2 + i]))
    const indices = tokens.map((token) => (token === '' ? 0 : (places.get(token) ?? 1)))
    expect([...into.values()], JSON.stringify(texts)).toEqual([77, ...indices.slice(0, most)])
  }
})

test('tells tokens apart that share a hash’s slot', () => {
  const tokens = Array.from({ length: 5000 }, (_, i) => `${i % 7}${'x'.repeat(i % 5)}${i}`)
  const scanner = new TextScanner({ standardize: null, split: null, widths: undefined })
  const into = new IndexList()
  const vocabulary = { table: new TokenTable(tokens), first: 0, unknown: -1, empty: -2 }
  scanner.lookUp(tokens, 0, tokens.length, { vocabulary, into, most: Number.POSITIVE_INFINITY })
  expect([...into.values()]).toEqual([...tokens.keys()])
})

test('a table that grows gives each token a place, and its text back', () => {
  const tokens = [
    ...Array.from({ length: 700 }, (_, i) => `${'é'.repeat(i % 9)}${i}`),
    '\ufeff',
    '\ufeffa',
    '日本',
  ]
  const scanner = new TextScanner({ standardize: null, split: null, widths: undefined })
  const table = new TokenTable([], true)
  const vocabulary = { table, first: 0, unknown: -1, empty: -1 }
  for (let round = 0; round < 2; round++) {
    const into = new IndexList()
    scanner.lookUp(tokens, 0, tokens.length, { vocabulary, into, most: Number.POSITIVE_INFINITY })
    expect([...into.values()]).toEqual([...tokens.keys()])
  }
  expect(tokens.map((_, place) => table.tokenAt(place))).toEqual(tokens)
})

test.each(cases)('adapts to what regular expressions count: %o', async ({ standardize, split, widths }) => {
  const below = randomFrom(11)
  const text = (): string =>
    Array.from({ length: below(80) }, () => characters[below(characters.length)]).join('')
  // Rows of texts that are not split are documents.
  const width = split === null ? 4 : 1
  const rows = Array.from({ length: isWhole ? 3000 : 40 }, () => Array.from({ length: width }, text))
  const counts = new Map<string, { count: number; documents: number }>()
  for (const row of rows) {
    const tokens = tokensOf(row, { standardize, split, widths })
    for (const token of tokens) {
      const { count = 0, documents = 0 } = counts.get(token) ?? {}
      counts.set(token, { count: count + 1, documents })
    }
    for (const token of new Set(tokens)) (counts.get(token) as { documents: number }).documents++
  }
  counts.delete('')
  const all = [...counts].sort(
    ([a, { count: n }], [b, { count: m }]) => m - n || Buffer.compare(Buffer.from(b), Buffer.from(a)),
  )
  for (const most of [all.length, Math.ceil(all.length / 3)]) {
    const layer = textVectorization({
      standardize,
      split,
      ngrams: widths ?? null,
      outputMode: 'tfIdf',
      maxTokens: most + 1,
    })
    await layer.adapt(rows as unknown as string[])
    const kept = all.slice(0, most)
    expect(layer.getVocabulary({ includeSpecialTokens: false })).toEqual(kept.map(([token]) => token))
    expect(layer.idfWeights?.slice(1)).toEqual(
      kept.map(([, { documents }]) => Math.fround(Math.log(1 + rows.length / (1 + documents)))),
    )
  }
})
