import { FormatError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import type { AlignedText } from './aligned-text.ts'
import { byteCharacters } from './byte-characters.ts'
import { partOf, prepended, replaced } from './normalizers.ts'
import { fromOniguruma, literalPattern, readPattern, type Span, spansOf } from './pattern.ts'
import {
  bertPunctuation,
  classOf,
  lazily,
  memberTest,
  numeric,
  whiteSpace,
  wordOfRust,
} from './unicode/characters.ts'

/** Cuts a text into the pieces that a model takes one by one. */
export type PreTokenizer = (text: AlignedText, out: AlignedText[]) => void

const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const
/** What becomes of the places at which a text is cut. */
export type SplitBehavior = (typeof behaviors)[number]

/** Puts places at which a text is cut together with what stands before them, in the order of the list. */
function merged(spans: readonly Span[], extend: (span: Span, by: Span) => void): Span[] {
  const out: Span[] = []
  let wasFound = false
  for (const span of spans) {
    const last = out.at(-1)
    if (span.found && !wasFound && last !== undefined) extend(last, span)
    else out.push({ ...span })
    wasFound = span.found
  }
  return out
}

const joined: Readonly<Record<SplitBehavior, (spans: Span[]) => Span[]>> = {
  Removed: (spans) => spans.filter(({ found }) => !found),
  Isolated: (spans) => spans,
  MergedWithPrevious: (spans) =>
    merged(spans, (span, { end }) => {
      span.end = end
    }),
  MergedWithNext: (spans) =>
    merged(spans.reverse(), (span, { start }) => {
      span.start = start
    }).reverse(),
  Contiguous: (spans) =>
    spans.reduce((out: Span[], span) => {
      const last = out.at(-1)
      if (last?.found === span.found) last.end = span.end
      else out.push(span)
      return out
    }, []),
}

/** Cuts where a pattern finds something; with `invert`, where it finds nothing. */
function splitter(pattern: RegExp, behavior: SplitBehavior, invert = false): PreTokenizer {
  return (text, out) => {
    const found = spansOf(text.text, pattern)
    const spans = joined[behavior](invert ? found.map((span) => ({ ...span, found: !span.found })) : found)
    for (const { start, end } of spans) if (end > start) out.push(text.slice(start, end))
  }
}

/** One after another. */
const sequence =
  (list: readonly PreTokenizer[]): PreTokenizer =>
  (text, out) => {
    let pieces = [text]
    for (const [i, split] of list.entries()) {
      const next = i === list.length - 1 ? out : []
      for (const piece of pieces) split(piece, next)
      pieces = next
    }
    if (list.length === 0) out.push(text)
  }

/** GPT-2's pattern. */
const gpt2 = lazily(() =>
  fromOniguruma(
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
    'ByteLevel',
  ),
)

function byteLevel(config: ConfigReader): PreTokenizer {
  const prefixes = config.boolean('add_prefix_space', true)
  const split = config.boolean('use_regex', true) ? splitter(gpt2(), 'Isolated') : undefined
  return (text, out) => {
    const whole = prefixes && !text.text.startsWith(' ') ? prepended(text, ' ') : text
    const from = out.length
    if (split === undefined) out.push(whole)
    else split(whole, out)
    for (let i = from; i < out.length; i++) out[i] = byteCharacters(out[i] as AlignedText)
  }
}

function metaspace(config: ConfigReader): PreTokenizer {
  const replacement = config.string('replacement', '▁')
  const addsSpace = config.boolean('add_prefix_space', true)
  const scheme = addsSpace
    ? config.oneOf('prepend_scheme', ['always', 'never', 'first'], 'always')
    : ('never' as const)
  const split = config.boolean('split', true)
    ? splitter(literalPattern(replacement), 'MergedWithNext')
    : undefined
  return (text, out) => {
    let marked =
      replacement.length === 1
        ? text.withText(text.text.replaceAll(' ', replacement))
        : replaced(text, / /gu, replacement)
    const isFirst = scheme === 'always' || (scheme === 'first' && marked.start(0) === 0)
    if (isFirst && !marked.text.startsWith(replacement)) marked = prepended(marked, replacement)
    if (split === undefined) out.push(marked)
    else split(marked, out)
  }
}

const isSpace = lazily(() => memberTest(whiteSpace))
const isPunctuation = lazily(() => memberTest(bertPunctuation()))

/** White space is left out, each punctuation mark is a piece. */
const bert: PreTokenizer = (text, out) => {
  const [space, punctuation] = [isSpace(), isPunctuation()]
  let from = 0
  for (let i = 0; i < text.text.length; ) {
    const code = text.text.codePointAt(i) as number
    const next = i + (code > 0xffff ? 2 : 1)
    const isMark = punctuation(code)
    if (isMark || space(code)) {
      if (from < i) out.push(text.slice(from, i))
      if (isMark) out.push(text.slice(i, next))
      from = next
    }
    i = next
  }
  if (from < text.text.length) out.push(text.slice(from, text.text.length))
}

const spaces = lazily(() => new RegExp(classOf(whiteSpace), 'gu'))
const word = lazily(() => {
  const [words, others] = [classOf(wordOfRust()), classOf(whiteSpace).slice(1, -1)]
  return new RegExp(`${words}+|[^${words.slice(1, -1)}${others}]+`, 'gu')
})

const preTokenizers: Readonly<Record<string, (config: ConfigReader) => PreTokenizer>> = {
  BertPreTokenizer: () => bert,
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  Whitespace: () => splitter(word(), 'Removed', true),
  WhitespaceSplit: () => splitter(spaces(), 'Removed'),
  Split: (config) =>
    splitter(readPattern(config), config.oneOf('behavior', behaviors), config.boolean('invert', false)),
  Punctuation: (config) =>
    splitter(new RegExp(classOf(bertPunctuation()), 'gu'), config.oneOf('behavior', behaviors, 'Isolated')),
  Digits: (config) =>
    splitter(
      new RegExp(classOf(numeric()), 'gu'),
      config.boolean('individual_digits', false) ? 'Isolated' : 'Contiguous',
    ),
  CharDelimiterSplit: (config) => splitter(literalPattern(config.string('delimiter')), 'Removed'),
  FixedLength: (config) => splitter(new RegExp(`[^]{1,${config.count('length', 5)}}`, 'gu'), 'Isolated'),
  Sequence: (config) => sequence(config.each('pretokenizers').map(readPreTokenizer)),
  UnicodeScripts: (config) => {
    throw new FormatError({
      where: config.at('type'),
      expected: 'a pre-tokenizer that is known here',
      received: "'UnicodeScripts'",
      fix: 'It depends on a table of scripts of its own. Split by a regular expression with \\p{Script} instead.',
    })
  },
}

/** Makes a pre-tokenizer of an entry of `tokenizer.json`. */
export function readPreTokenizer(config: ConfigReader): PreTokenizer {
  return partOf(config, 'a pre-tokenizer', preTokenizers)(config)
}
