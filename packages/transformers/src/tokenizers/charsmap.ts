import { FormatError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import { type AlignedText, type Change, transformed } from './aligned-text.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * SentencePiece's map of characters (`precompiled_charsmap`): a double-array trie (darts-clone) whose leaves are places of
 * strings that end with a zero.
 */
class Charsmap {
  readonly #trie: Uint32Array
  readonly #strings: Uint8Array

  constructor(base64: string, where: string) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const size = bytes.length < 4 ? -1 : new DataView(bytes.buffer).getUint32(0, true)
    if (size < 4 || size % 4 !== 0 || 4 + size > bytes.length) {
      throw new FormatError({
        where,
        expected: 'a trie with its length before it',
        received: `${bytes.length} bytes${size < 0 ? '' : ` with a length of ${size}`}`,
      })
    }
    const view = new DataView(bytes.buffer, 4, size)
    this.#trie = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 * i, true))
    this.#strings = bytes.subarray(4 + size)
  }

  /** What takes the place of a text: that of its shortest beginning which the map has; undefined if it has none. */
  get(text: string): string | undefined {
    const offset = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6)
    let node = offset(this.#trie[0] as number)
    for (const byte of encoder.encode(text)) {
      node ^= byte
      const unit = this.#trie[node] ?? 0
      if ((unit & 0x800000ff) !== byte) return undefined
      node ^= offset(unit)
      if (((unit >>> 8) & 1) === 1) return this.#string((this.#trie[node] as number) & 0x7fffffff)
    }
    return undefined
  }

  #string(from: number): string {
    const end = this.#strings.indexOf(0, from)
    return decoder.decode(this.#strings.subarray(from, end < 0 ? undefined : end))
  }
}

/** What may be several characters of one letter: marks, joiners, line ends, Hangul's parts, flags, tones of skin. */
const joins =
  /[\p{M}\p{Cf}\r\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\uff9e\uff9f]|[\u{1f1e6}-\u{1f1ff}\u{1f3fb}-\u{1f3ff}]/u

/** Texts from here on are looked up by character. */
const longest = 6

/**
 * The normalizer `Precompiled` of SentencePiece's models: looks short letters up with all of their characters, then each
 * character.
 */
export function charsmapNormalizer(config: ConfigReader): (text: AlignedText) => AlignedText {
  let map: Charsmap
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  const where = config.at('precompiled_charsmap')
  const base64 = config.string('precompiled_charsmap')
  try {
    map = new Charsmap(base64, where)
  } catch (cause) {
    if (cause instanceof FormatError) throw cause
    throw new FormatError({ where, expected: 'base64', received: `${base64.length} characters` }, { cause })
  }
  const known = new Map<string, string | null>()
  const lookUp = (text: string): string | undefined => {
    let made = known.get(text)
    if (made === undefined) {
      made = map.get(text) ?? null
      if (known.size < 20_000) known.set(text, made)
    }
    return made ?? undefined
  }
  return (text) => {
    const changes: Change[] = []
    let isChanged = false
    const change = (part: string): boolean => {
      const made = lookUp(part)
      if (made === undefined) return false
      isChanged = true
      addChanges(changes, Array.from(made), Array.from(part).length)
      return true
    }
    const hasLetters = joins.test(text.text)
    const letters = hasLetters
      ? Array.from(segmenter.segment(text.text), ({ segment }) => segment)
      : [text.text]
    for (const letter of letters) {
      const isOne = hasLetters && encoder.encode(letter).length < longest
      if (isOne && change(letter)) continue
      for (const character of letter) if (!change(character)) changes.push([character, 0])
    }
    return isChanged ? transformed(text, changes) : text
  }
}

/** Characters in place of `count` others. */
function addChanges(changes: Change[], made: readonly string[], count: number): void {
  const added = made.length - count
  for (const [i, character] of made.entries()) changes.push([character, i >= made.length - added ? 1 : 0])
  const last = changes.pop()
  if (last !== undefined) changes.push(added < 0 ? [last[0], last[1] + added] : last)
}
