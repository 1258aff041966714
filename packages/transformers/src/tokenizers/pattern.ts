import { FormatError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import { matchesOf } from './matches.ts'
import {
  type CharacterSet,
  category,
  characters,
  classOf,
  complement,
  intersection,
  property,
  range,
  union,
  whiteSpace,
  wordOfOniguruma,
} from './unicode/characters.ts'

/** A stretch of a text and whether the pattern found it. All stretches together are the text. */
export interface Span {
  start: number
  end: number
  readonly found: boolean
}

/** The stretches of a text that a pattern finds and those between them. */
export function spansOf(text: string, pattern: RegExp): Span[] {
  const spans: Span[] = []
  let at = 0
  for (const match of matchesOf(text, pattern)) {
    const end = match.index + match[0].length
    if (at !== match.index) spans.push({ start: at, end: match.index, found: false })
    spans.push({ start: match.index, end, found: true })
    at = end
  }
  if (at !== text.length) spans.push({ start: at, end: text.length, found: false })
  return spans
}

export const literalPattern = (text: string): RegExp =>
  new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'gu')

/** The entry `pattern` of a `tokenizer.json`: `{ String: … }` or `{ Regex: … }`. */
export function readPattern(config: ConfigReader): RegExp {
  const pattern = config.needed('pattern')
  return 'Regex' in pattern.raw
    ? fromOniguruma(pattern.string('Regex'), pattern.where)
    : literalPattern(pattern.string('String'))
}

/**
 * A regular expression of Oniguruma (Ruby's syntax) as JavaScript's, with the characters that it knows: classes are written
 * out as ranges, `(?i:…)` as both cases, atomic groups and possessive quantifiers as a lookahead that is taken whole.
 *
 * @throws FormatError for what has no counterpart: references to groups, conditions, recursion.
 */
export function fromOniguruma(source: string, where: string): RegExp {
  try {
    return new RegExp(new Translation(source, where).whole(), 'gu')
  } catch (cause) {
    if (cause instanceof FormatError) throw cause
    throw new FormatError(
      { where, expected: 'a regular expression of Oniguruma', received: JSON.stringify(source) },
      { cause },
    )
  }
}

const digits = (): CharacterSet => category('Nd') as CharacterSet
const hex = characters('0123456789abcdefABCDEF')
const all = range(0, 0x10ffff)

const shorthands: Readonly<Record<string, () => CharacterSet>> = {
  d: digits,
  s: () => whiteSpace,
  w: wordOfOniguruma,
  h: () => hex,
}

const posix: Readonly<Record<string, () => CharacterSet | undefined>> = {
  alpha: () => property('Alphabetic'),
  alnum: () => union(property('Alphabetic') as CharacterSet, digits()),
  ascii: () => range(0, 0x7f),
  blank: () => union(category('Zs') as CharacterSet, characters('\t')),
  cntrl: () => category('Cc'),
  digit: digits,
  graph: () =>
    complement(
      union(
        whiteSpace,
        category('Cc') as CharacterSet,
        category('Cn') as CharacterSet,
        category('Cs') as CharacterSet,
      ),
    ),
  lower: () => property('Lowercase'),
  print: () =>
    complement(
      union(category('Cc') as CharacterSet, category('Cn') as CharacterSet, category('Cs') as CharacterSet),
    ),
  punct: () => union(category('P') as CharacterSet, category('S') as CharacterSet),
  space: () => whiteSpace,
  upper: () => property('Uppercase'),
  word: wordOfOniguruma,
  xdigit: () => hex,
}

const controls: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, e: 27 }

/** Letters whose other case is one more character. */
const moreCases: Readonly<Record<string, string>> = { s: 'ſ', k: '\u212a', å: '\u212b' }

const bothCases = (character: string): CharacterSet => {
  const lower = character.toLowerCase()
  const cases = [character, lower, character.toUpperCase(), moreCases[lower] ?? '']
  return characters(cases.filter((one) => Array.from(one).length === 1).join(''))
}

class Translation {
  readonly #source: string
  readonly #where: string
  #at = 0
  #ignoreCase = false
  #dotAll = false
  #atomics = 0

  constructor(source: string, where: string) {
    this.#source = source
    this.#where = where
  }

  whole(): string {
    const text = this.#alternatives()
    if (this.#at < this.#source.length) throw this.#refuse('a closed group')
    return text
  }

  #refuse(expected: string): FormatError {
    return new FormatError({
      where: this.#where,
      expected,
      received: `${JSON.stringify(this.#source)} at ${this.#at}`,
    })
  }

  #takes(text: string): boolean {
    const does = this.#source.startsWith(text, this.#at)
    if (does) this.#at += text.length
    return does
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match !== null) this.#at = pattern.lastIndex
    return match
  }

  #character(): string {
    const code = this.#source.codePointAt(this.#at)
    if (code === undefined) throw this.#refuse('more')
    const character = String.fromCodePoint(code)
    this.#at += character.length
    return character
  }

  #alternatives(): string {
    const [ignoreCase, dotAll] = [this.#ignoreCase, this.#dotAll]
    let text = ''
    while (this.#at < this.#source.length && this.#source[this.#at] !== ')') {
      text += this.#takes('|') ? '|' : this.#quantified()
    }
    this.#ignoreCase = ignoreCase
    this.#dotAll = dotAll
    return text
  }

  #atomic(text: string): string {
    const name = `atomic${this.#atomics++}`
    return `(?:(?=(?<${name}>${text}))\\k<${name}>)`
  }

  #quantified(): string {
    let text = this.#atom()
    for (;;) {
      const simple = this.#match(/[?*+]/y)?.[0]
      if (simple !== undefined) {
        const kind = this.#match(/[?+]/y)?.[0]
        text = kind === '+' ? this.#atomic(`${text}${simple}`) : `${text}${simple}${kind ?? ''}`
      } else {
        const times = this.#match(/\{(?:(\d+)(,?)(\d*)|,(\d+))\}/y)
        if (times === null) return text
        const [, least, comma, most, atMost] = times
        const isExact = comma === '' && atMost === undefined
        const range = atMost === undefined ? `{${least}${comma}${most}}` : `{0,${atMost}}`
        // a{2}? is an optional a{2} in Ruby's syntax, a{2,3}? takes as few as it can.
        text = `${text}${range}${!isExact && this.#takes('?') ? '?' : ''}`
      }
      if (/[?*+{]/.test(this.#source[this.#at] ?? '')) text = `(?:${text})`
      else return text
    }
  }

  #atom(): string {
    if (this.#takes('(')) return this.#group()
    if (this.#takes('[')) return classOf(this.#class())
    if (this.#takes('.')) return this.#dotAll ? classOf(all) : '[^\\n]'
    // Ruby's anchors of lines.
    if (this.#takes('^')) return '(?:(?<![^])|(?<=\\n))'
    if (this.#takes('$')) return '(?:(?=\\n)|(?![^]))'
    if (this.#source[this.#at] === '\\') return this.#escape()
    const character = this.#character()
    return classOf(this.#ignoreCase ? bothCases(character) : characters(character))
  }

  #group(): string {
    if (this.#takes('?#')) {
      while (!this.#takes(')')) this.#character()
      return ''
    }
    const flags = this.#match(/\?([imx]*)(?:-([imx]*))?(\)|:)/y)
    if (flags !== null) {
      const [, on = '', off = '', end] = flags
      if (`${on}${off}`.includes('x')) throw this.#refuse('a pattern without the flag x')
      const before = [this.#ignoreCase, this.#dotAll] as const
      this.#ignoreCase = (before[0] || on.includes('i')) && !off.includes('i')
      this.#dotAll = (before[1] || on.includes('m')) && !off.includes('m')
      if (end === ')') return `(?:${this.#alternatives()})`
      const inner = this.#closed()
      ;[this.#ignoreCase, this.#dotAll] = before
      return `(?:${inner})`
    }
    if (this.#takes('?>')) return this.#atomic(this.#closed())
    const look = this.#match(/\?(?:<?[=!])/y)?.[0]
    if (look !== undefined) return `(${look}${this.#closed()})`
    if (this.#takes('?')) {
      if (this.#match(/(?:<[A-Za-z_]\w*>|'[A-Za-z_]\w*')/y) === null)
        throw this.#refuse('a group that JavaScript has too')
    }
    return `(?:${this.#closed()})`
  }

  #closed(): string {
    const inner = this.#alternatives()
    if (!this.#takes(')')) throw this.#refuse('a closed group')
    return inner
  }

  #escape(): string {
    if (this.#takes('\\A')) return '(?<![^])'
    if (this.#takes('\\z')) return '(?![^])'
    if (this.#takes('\\Z')) return '(?=\\n?(?![^]))'
    const boundary = this.#match(/\\([bB])/y)?.[1]
    if (boundary !== undefined) {
      const word = classOf(wordOfOniguruma())
      return boundary === 'b'
        ? `(?:(?<!${word})(?=${word})|(?<=${word})(?!${word}))`
        : `(?:(?<!${word})(?!${word})|(?<=${word})(?=${word}))`
    }
    if (/\\(?:[1-9]|[kgGKXR])/y.test(this.#source.slice(this.#at))) {
      throw this.#refuse('a pattern without references to groups or places')
    }
    const set = this.#escapedSet()
    return classOf(this.#ignoreCase ? this.#folded(set) : set)
  }

  /** A set of few characters with their other cases. */
  #folded(set: CharacterSet): CharacterSet {
    const sets = [set]
    for (let i = 0; i < set.length; i += 2) {
      const [from, to] = [set[i] as number, set[i + 1] as number]
      if (to - from > 1000) continue
      for (let c = from; c < to; c++) sets.push(bothCases(String.fromCodePoint(c)))
    }
    return union(...sets)
  }

  #escapedSet(): CharacterSet {
    this.#at++
    const named = this.#match(/([pP])\{(\^?)([^}]*)\}/y)
    if (named !== null) {
      const [, letter, caret, name = ''] = named
      const set = this.#property(name)
      return (letter === 'P') !== (caret === '^') ? complement(set) : set
    }
    const code = this.#match(
      /(?:x\{([0-9A-Fa-f]{1,8})\}|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|(0[0-7]{0,2}))/y,
    )
    if (code !== null) {
      const value =
        code[4] === undefined
          ? Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16)
          : Number.parseInt(code[4], 8)
      return range(value, value)
    }
    const character = this.#character()
    const lower = character.toLowerCase()
    const shorthand = shorthands[lower]
    if (shorthand !== undefined) return character === lower ? shorthand() : complement(shorthand())
    const control = controls[character]
    return control === undefined ? characters(character) : range(control, control)
  }

  #property(name: string): CharacterSet {
    const plain = name.replace(/[ _-]/g, '')
    const own = posix[plain.toLowerCase()]
    const set =
      plain.toLowerCase() === 'punct'
        ? category('P')
        : (category(plain.charAt(0).toUpperCase() + plain.slice(1)) ?? own?.() ?? property(name))
    if (set === undefined) throw this.#refuse(`a property of Unicode's in \\p{${name}}`)
    return set
  }

  /** After `[`, up to and with `]`. */
  #class(): CharacterSet {
    const isNegated = this.#takes('^')
    let set: CharacterSet = []
    let others: CharacterSet | undefined
    for (let isFirst = true; isFirst || !this.#takes(']'); isFirst = false) {
      if (this.#takes('&&')) {
        others = others === undefined ? set : intersection(others, set)
        set = []
        continue
      }
      set = union(set, this.#member(isFirst))
    }
    if (this.#ignoreCase) set = this.#folded(set)
    if (others !== undefined) set = intersection(others, set)
    return isNegated ? complement(set) : set
  }

  #member(isFirst: boolean): CharacterSet {
    const bracket = this.#match(/\[:(\^?)([a-z]+):\]/y)
    if (bracket !== null) {
      const set = posix[bracket[2] ?? '']?.()
      if (set === undefined) throw this.#refuse(`a class of POSIX in [:${bracket[2]}:]`)
      return bracket[1] === '^' ? complement(set) : set
    }
    if (!isFirst && this.#source[this.#at] === undefined) throw this.#refuse('a closed class')
    if (this.#takes('[')) return this.#class()
    const from = this.#single()
    if (from.length !== 2 || (from[1] as number) - (from[0] as number) !== 1) return from
    const isRange =
      this.#source[this.#at] === '-' && !['', ']', '['].includes(this.#source[this.#at + 1] ?? '')
    if (!isRange) return from
    this.#at++
    const to = this.#single()
    return [from[0] as number, to[1] as number]
  }

  #single(): CharacterSet {
    return this.#source[this.#at] === '\\' ? this.#escapedSet() : characters(this.#character())
  }
}
