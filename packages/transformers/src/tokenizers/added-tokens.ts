import { FormatError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import { AlignedText } from './aligned-text.ts'
import { matchesOf } from './matches.ts'
import type { Vocabulary } from './models/model.ts'
import type { Normalizer } from './normalizers.ts'
import { classOf, lazily, whiteSpace, wordOfRust } from './unicode/characters.ts'

/** A word that is found in a text before the model sees it. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  /** Only where it is no part of a word. */
  readonly singleWord: boolean
  /** Takes white space before it in. */
  readonly leftStrip: boolean
  /** Takes white space after it in. */
  readonly rightStrip: boolean
  /** Looked for in the normalized text. */
  readonly normalized: boolean
  /** What decoding may leave out. */
  readonly special: boolean
}

/** A piece of a text, or a token that was found in it. */
export interface Section {
  readonly text: AlignedText
  readonly id: number | undefined
}

export function readAddedToken(config: ConfigReader): AddedToken {
  const { id } = config.raw
  if (!Number.isInteger(id) || (id as number) < 0) {
    throw new FormatError({
      where: config.at('id'),
      expected: 'an id from 0',
      received: JSON.stringify(id) ?? 'nothing',
    })
  }
  const special = config.boolean('special', false)
  return {
    id: id as number,
    content: config.string('content'),
    singleWord: config.boolean('single_word', false),
    leftStrip: config.boolean('lstrip', false),
    rightStrip: config.boolean('rstrip', false),
    normalized: config.boolean('normalized', !special),
    special,
  }
}

const wordAtEnd = lazily(() => new RegExp(`${classOf(wordOfRust())}$`, 'u'))
const wordAtStart = lazily(() => new RegExp(`^${classOf(wordOfRust())}`, 'u'))
const spacesAtEnd = lazily(() => new RegExp(`(?<!${classOf(whiteSpace)})${classOf(whiteSpace)}*$`, 'u'))
const spacesAtStart = lazily(() => new RegExp(`^${classOf(whiteSpace)}*`, 'u'))

/** The longest of some words at the first place that has any. */
interface Finder {
  readonly pattern: RegExp
  readonly tokens: ReadonlyMap<string, AddedToken>
}

function finder(tokens: readonly (readonly [string, AddedToken])[]): Finder | undefined {
  const words = tokens.map(([word]) => word).filter((word) => word !== '')
  if (words.length === 0) return undefined
  const longestFirst = words.sort((a, b) => b.length - a.length)
  const escaped = longestFirst.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  return { pattern: new RegExp(escaped.join('|'), 'gu'), tokens: new Map(tokens) }
}

/** The added tokens of a tokenizer, which go before its model's vocabulary. */
export class AddedTokens {
  readonly tokens: readonly AddedToken[]
  readonly #byContent: ReadonlyMap<string, AddedToken>
  readonly #byId: ReadonlyMap<number, AddedToken>
  /** What a token is in a normalized text, where that is something else. */
  readonly #normalized = new Map<number, string>()
  readonly #raw: Finder | undefined
  readonly #afterNormalizing: Finder | undefined

  constructor(tokens: readonly AddedToken[], normalizer: Normalizer | undefined) {
    // A content or an id that stands twice has the last one.
    this.#byContent = new Map(tokens.map((token) => [token.content, token]))
    this.#byId = new Map(tokens.map((token) => [token.id, token]))
    this.tokens = [...this.#byId.values()].sort((a, b) => a.id - b.id)
    for (const { id, content, normalized } of this.tokens) {
      if (!normalized || normalizer === undefined) continue
      const { text } = normalizer(new AlignedText(content))
      if (text !== content) this.#normalized.set(id, text)
    }
    const found = (normalized: boolean) =>
      finder(
        this.tokens
          .filter((token) => token.normalized === normalized)
          .map((token) => [this.#normalized.get(token.id) ?? token.content, token]),
      )
    this.#raw = found(false)
    this.#afterNormalizing = found(true)
  }

  get(content: string): AddedToken | undefined {
    return this.#byContent.get(content)
  }

  withId(id: number): AddedToken | undefined {
    return this.#byId.get(id)
  }

  /** The word that decoders see. */
  decoded(id: number): string | undefined {
    return this.#normalized.get(id) ?? this.#byId.get(id)?.content
  }

  isSpecial(content: string): boolean {
    return this.#byContent.get(content)?.special ?? false
  }

  /** Cuts a text at the tokens that are found in it before, or after, it is normalized. */
  sections(text: AlignedText, when: 'raw' | 'normalized'): readonly Section[] {
    const found = when === 'raw' ? this.#raw : this.#afterNormalizing
    if (text.text === '') return []
    if (found === undefined) return [{ text, id: undefined }]
    const sections: Section[] = []
    let from = 0
    const whole = text.text
    for (const match of matchesOf(whole, found.pattern)) {
      const token = found.tokens.get(match[0])
      if (token === undefined) continue
      let start = match.index
      let end = start + match[0].length
      if (
        token.singleWord &&
        (wordAtEnd().test(whole.slice(0, start)) || wordAtStart().test(whole.slice(end)))
      )
        continue
      if (token.leftStrip) {
        start = Math.max(from, start - (spacesAtEnd().exec(whole.slice(0, start))?.[0].length ?? 0))
      }
      if (token.rightStrip) end += spacesAtStart().exec(whole.slice(end))?.[0].length ?? 0
      if (from < start) sections.push({ text: text.slice(from, start), id: undefined })
      if (start < end) sections.push({ text: text.slice(start, end), id: token.id })
      from = end
    }
    if (from < whole.length) sections.push({ text: text.slice(from, whole.length), id: undefined })
    return sections
  }
}

/** An id behind all that are there. */
export const nextId = (tokens: readonly AddedToken[], vocabulary: Vocabulary): number =>
  tokens.reduce((next, { id }) => Math.max(next, id + 1), vocabulary.size)
