import { expect, test } from 'vitest'
import { isWhole } from '../../../../../tools/whole-tests.ts'
import { IndexList } from './index-list.ts'
import { TextScanner, type TextScannerOptions } from './text-scanner.ts'
import { ngramsOf, splitters, standardizers } from './text-splitting.ts'
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
