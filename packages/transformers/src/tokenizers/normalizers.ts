import { FormatError, nearestName } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import { type AlignedText, isLowHalf, Rewriter, transformed, unitsAt } from './aligned-text.ts'
import { byteCharacters } from './byte-characters.ts'
import { charsmapNormalizer } from './charsmap.ts'
import { readPattern, spansOf } from './pattern.ts'
import {
  bertControl,
  bertMark,
  type CharacterSet,
  characters,
  chinese,
  classOf,
  combiningMark,
  lazily,
  range,
  union,
  whiteSpace,
} from './unicode/characters.ts'
import { type NormalForm, normalForm } from './unicode/normal-forms.ts'

/** Changes a text before it is cut into pieces. */
export type Normalizer = (text: AlignedText) => AlignedText

const pattern = (set: () => CharacterSet) => lazily(() => new RegExp(classOf(set()), 'gu'))
const controls = pattern(bertControl)
const spaces = pattern(() => whiteSpace)
const ideographs = pattern(() => chinese)
const bertMarks = pattern(bertMark)
const combiningMarks = pattern(combiningMark)

const asciiOnly = /^\p{ASCII}*$/u

/** Leaves out what a pattern finds. */
function without(text: AlignedText, found: RegExp): AlignedText {
  if (text.text.search(found) < 0) return text
  const out = new Rewriter(text)
  for (const span of spansOf(text.text, found)) if (!span.found) out.keep(span.start, span.end)
  return out.finish()
}

/** Puts content in place of what a pattern finds, with the place of the last character of it. */
function replaced(text: AlignedText, found: RegExp, content: string): AlignedText {
  if (text.text.search(found) < 0) return text
  const out = new Rewriter(text)
  let last = -1
  for (const { start, end, found: isFound } of spansOf(text.text, found)) {
    if (end > start) last = end - (isLowHalf(text.text, end - 1) ? 2 : 1)
    if (isFound) out.put(content, last)
    else out.keep(start, end)
  }
  return out.finish()
}

/** Lower case character by character: Σ is σ at the end of a word too, as in Rust and not as in JavaScript. */
function lowered(text: AlignedText): AlignedText {
  const lower = text.text.replaceAll('Σ', 'σ').toLowerCase()
  if (lower === text.text) return text
  // İ alone becomes longer.
  if (lower.length === text.text.length) return text.withText(lower)
  const out = new Rewriter(text)
  for (let i = 0; i < text.text.length; ) {
    const units = unitsAt(text.text, i)
    out.put(
      text.text
        .slice(i, i + units)
        .replace('Σ', 'σ')
        .toLowerCase(),
      i,
    )
    i += units
  }
  return out.finish()
}

const inForm =
  (form: NormalForm): Normalizer =>
  (text) => {
    const changes = normalForm(text.text, form)
    return changes === undefined ? text : transformed(text, changes)
  }

function bertNormalizer(config: ConfigReader): Normalizer {
  const cleans = config.boolean('clean_text', true)
  const spreads = config.boolean('handle_chinese_chars', true)
  const lowers = config.boolean('lowercase', true)
  const strips = config.boolean('strip_accents', lowers)
  return (text) => {
    let out = text
    if (cleans) {
      out = without(out, controls())
      const clean = out.text.replace(spaces(), ' ')
      if (clean !== out.text) out = out.withText(clean)
    }
    if (asciiOnly.test(out.text)) return lowers ? lowered(out) : out
    if (spreads) out = spreadIdeographs(out)
    if (strips) out = without(inForm('NFD')(out), bertMarks())
    return lowers ? lowered(out) : out
  }
}

function spreadIdeographs(text: AlignedText): AlignedText {
  if (text.text.search(ideographs()) < 0) return text
  const out = new Rewriter(text)
  for (const { start, end, found } of spansOf(text.text, ideographs())) {
    if (found) out.put(` ${text.text.slice(start, end)} `, start)
    else out.keep(start, end)
  }
  return out.finish()
}

const leading = lazily(() => new RegExp(`^${classOf(whiteSpace)}*`, 'u'))
const trailing = lazily(() => new RegExp(`(?<!${classOf(whiteSpace)})${classOf(whiteSpace)}*$`, 'u'))

function stripped(text: AlignedText, left: boolean, right: boolean): AlignedText {
  const from = left ? (leading().exec(text.text)?.[0].length ?? 0) : 0
  const to = right ? text.text.length - (trailing().exec(text.text)?.[0].length ?? 0) : text.text.length
  return text.slice(from, Math.max(from, to))
}

function prepended(text: AlignedText, prefix: string): AlignedText {
  if (text.text === '') return text
  const out = new Rewriter(text)
  out.put(prefix, 0)
  out.keep(0, text.text.length)
  return out.finish()
}

/** What NMT's rules leave out and take for a space (`nmt_nfkc` of SentencePiece). */
const nmtControls = pattern(() => union(range(1, 8), characters('\x0b\x7f\x8f\x9f'), range(0xe, 0x1f)))
const nmtSpaces = pattern(() =>
  union(characters('\t\n\f\r\u1680\u2028\u2029\u2581\ufeff\ufffd'), range(0x200b, 0x200f)),
)

const normalizers: Readonly<Record<string, (config: ConfigReader) => Normalizer>> = {
  BertNormalizer: bertNormalizer,
  NFC: () => inForm('NFC'),
  NFD: () => inForm('NFD'),
  NFKC: () => inForm('NFKC'),
  NFKD: () => inForm('NFKD'),
  Lowercase: () => lowered,
  Strip: (config) => {
    const [left, right] = [config.boolean('strip_left'), config.boolean('strip_right')]
    return (text) => stripped(text, left, right)
  },
  StripAccents: () => (text) => without(text, combiningMarks()),
  Replace: (config) => {
    const [found, content] = [readPattern(config), config.string('content')]
    return (text) => replaced(text, found, content)
  },
  Prepend: (config) => {
    const prefix = config.string('prepend')
    return (text) => prepended(text, prefix)
  },
  Nmt: () => (text) => {
    const kept = without(text, nmtControls())
    return kept.withText(kept.text.replace(nmtSpaces(), ' '))
  },
  Precompiled: charsmapNormalizer,
  ByteLevel: () => byteCharacters,
  Sequence: (config) => {
    const list = config.each('normalizers').map(readNormalizer)
    return (text) => list.reduce((before, normalizer) => normalizer(before), text)
  },
}

/** Makes a normalizer of an entry of `tokenizer.json`. */
export function readNormalizer(config: ConfigReader): Normalizer {
  return partOf(config, 'a normalizer', normalizers)(config)
}

/** What an entry's `type` names. */
export function partOf<T>(config: ConfigReader, what: string, parts: Readonly<Record<string, T>>): T {
  const type = config.string('type')
  const part = Object.hasOwn(parts, type) ? parts[type] : undefined
  if (part !== undefined) return part
  const near = nearestName(type, Object.keys(parts))
  throw new FormatError({
    where: config.at('type'),
    expected: `${what}: ${Object.keys(parts).join(', ')}`,
    received: JSON.stringify(type),
    ...(near !== undefined && { fix: `Did you mean ${near}?` }),
  })
}

export { prepended, replaced }
