import { ArgumentError } from 'typegrad/core'
import { type CharacterSet, characterSet, complement, union } from './characters.ts'
import type { Grammar } from './expression.ts'
import { any, anything, both, expressionOf, not, type Regular } from './regular.ts'

/** What a pattern is made of: languages, and conditions on where they stand. */
type Part =
  | Regular
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'look'; readonly at: Part; readonly isNegative: boolean }
  | { readonly kind: 'parts'; readonly items: readonly Part[] }
  | { readonly kind: 'alternatives'; readonly options: readonly Part[] }

const lineEnds: CharacterSet = characterSet([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
])
const digits: CharacterSet = [[0x30, 0x39]]
const wordCharacters: CharacterSet = characterSet([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
])
const whitespace: CharacterSet = characterSet([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
])

/**
 * The texts that a regular expression of JavaScript matches as a whole: `^` at the beginning and `$` at the end say nothing
 * more. Characters are code points, as with the flag `u`.
 *
 * @param pattern flags `i`, `s` and `u` count; `g`, `y` and `d` say nothing about a whole text.
 * @returns a grammar for `Constraint`.
 * @throws ArgumentError for what is no regular expression, and for what a finite automaton cannot do (references back,
 * lookbehinds, `\b`) or this one does not (flags `m` and `v`, conditions within repetitions).
 * @example
 * const date = regexGrammar(/\d{4}-\d{2}-\d{2}/)
 */
export function regexGrammar(pattern: string | RegExp): Grammar {
  const { source, flags } = typeof pattern === 'string' ? { source: pattern, flags: 'u' } : pattern
  const where = `regexGrammar(/${source}/)`
  return {
    root: 'root',
    rules: new Map([['root', expressionOf(regularOf(source, flags, { isSearch: false, where }), where)]]),
  }
}

/** A pattern's language: of the whole text, or of all texts in which it is found. */
export function regularOf(
  source: string,
  flags: string,
  { isSearch, where }: { readonly isSearch: boolean; readonly where: string },
): Regular {
  try {
    new RegExp(source, flags)
  } catch (error) {
    throw new ArgumentError({
      where,
      expected: 'a regular expression',
      received: error instanceof Error ? error.message : String(error),
    })
  }
  const parsed = new Parser(source, flags, where).parse()
  return { kind: 'choice', options: runs(parsed, where).map((run) => placed(run, isSearch, where)) }
}

/** A pattern's alternatives as flat lists, as far as conditions stand within them. */
function runs(part: Part, where: string): (readonly Part[])[] {
  if (!hasConditions(part)) return [[part]]
  if (part.kind === 'alternatives') return part.options.flatMap((option) => runs(option, where))
  if (part.kind !== 'parts') return [[part]]
  let lists: (readonly Part[])[] = [[]]
  for (const item of part.items) {
    const ways = runs(item, where)
    lists = lists.flatMap((list) => ways.map((way) => [...list, ...way]))
    if (lists.length > 1000) throw unsupported(where, 'so many alternatives with conditions')
  }
  return lists
}

const hasConditions = (part: Part): boolean =>
  part.kind === 'start' ||
  part.kind === 'end' ||
  part.kind === 'look' ||
  (part.kind === 'parts' && part.items.some(hasConditions)) ||
  (part.kind === 'alternatives' && part.options.some(hasConditions))

/** A run with its conditions met: what stands before and behind it, and what lookaheads say of the rest. */
function placed(run: readonly Part[], isSearch: boolean, where: string): Regular {
  const begins = run.findIndex(({ kind }) => kind !== 'look')
  const isAnchored = run[begins]?.kind === 'start'
  const items = isAnchored ? run.filter((_, i) => i !== begins) : run
  const rest = fold(items, isSearch ? anything : { kind: 'sequence', items: [] }, where)
  return isSearch && !isAnchored ? { kind: 'sequence', items: [anything, rest] } : rest
}

/** A run from its end to its beginning. `tail` is what follows where it has no `$`. */
function fold(items: readonly Part[], tail: Regular, where: string): Regular {
  const last = items.findLastIndex(({ kind }) => kind !== 'look')
  const isEnded = items[last]?.kind === 'end'
  const left = isEnded ? items.filter((_, i) => i !== last) : items
  return left.reduceRight<Regular>(
    (rest, part) => {
      if (part.kind === 'start') throw unsupported(where, '^ behind something else')
      if (part.kind === 'end') throw unsupported(where, '$ before something else')
      if (part.kind !== 'look') return { kind: 'sequence', items: [regular(part), rest] }
      const options = runs(part.at, where).map((run) => fold(run, anything, where))
      const seen: Regular = { kind: 'choice', options }
      return both(part.isNegative ? not(seen) : seen, rest)
    },
    isEnded ? { kind: 'sequence', items: [] } : tail,
  )
}

/** A part that has no conditions. */
function regular(part: Part): Regular {
  switch (part.kind) {
    case 'parts':
      return { kind: 'sequence', items: part.items.map(regular) }
    case 'alternatives':
      return { kind: 'choice', options: part.options.map(regular) }
    case 'start':
    case 'end':
    case 'look':
      return { kind: 'sequence', items: [] }
    default:
      return part
  }
}

function unsupported(where: string, what: string): ArgumentError {
  return new ArgumentError({
    where,
    expected: 'a regular expression that an automaton can follow',
    received: what,
    fix: 'Write it without, or as a grammar.',
  })
}

class Parser {
  readonly #characters: readonly string[]
  readonly #flags: string
  readonly #where: string
  #place = 0

  constructor(source: string, flags: string, where: string) {
    this.#characters = Array.from(source)
    this.#flags = flags
    this.#where = where
    for (const flag of ['m', 'v']) if (flags.includes(flag)) throw unsupported(where, `the flag ${flag}`)
  }

  parse(): Part {
    const options = this.#alternatives()
    return options
  }

  #takes(text: string): boolean {
    const isThere = Array.from(text).every((one, i) => this.#characters[this.#place + i] === one)
    if (isThere) this.#place += Array.from(text).length
    return isThere
  }

  /** The rest's beginning by a pattern, which is taken. */
  #match(pattern: RegExp): RegExpMatchArray | null {
    const found = this.#characters
      .slice(this.#place, this.#place + 60)
      .join('')
      .match(pattern)
    if (found !== null) this.#place += Array.from(found[0]).length
    return found
  }

  #alternatives(): Part {
    const options = [this.#sequence()]
    while (this.#takes('|')) options.push(this.#sequence())
    return options.length === 1 ? (options[0] as Part) : { kind: 'alternatives', options }
  }

  #sequence(): Part {
    const items: Part[] = []
    while (this.#place < this.#characters.length) {
      const next = this.#characters[this.#place]
      if (next === '|' || next === ')') break
      items.push(this.#quantified(this.#atom()))
    }
    return items.length === 1 ? (items[0] as Part) : { kind: 'parts', items }
  }

  #quantified(part: Part): Part {
    const found = this.#match(/^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/)
    if (found === null) return part
    if (hasConditions(part)) throw unsupported(this.#where, 'a repeated ^, $ or lookahead')
    const [, sign, least, comma, most] = found
    const min = sign === undefined ? Number(least) : sign === '+' ? 1 : 0
    const infinite = Number.POSITIVE_INFINITY
    const bound = comma === undefined ? min : most === '' ? infinite : Number(most)
    const max = sign === undefined ? bound : sign === '?' ? 1 : infinite
    return { kind: 'repeat', item: regular(part), min, max }
  }

  #atom(): Part {
    if (this.#takes('(?:')) return this.#group()
    if (this.#takes('(?=')) return { kind: 'look', at: this.#group(), isNegative: false }
    if (this.#takes('(?!')) return { kind: 'look', at: this.#group(), isNegative: true }
    if (this.#takes('(?<=') || this.#takes('(?<!')) throw unsupported(this.#where, 'a lookbehind')
    if (this.#match(/^\(\?<[^>]*>/) !== null) return this.#group()
    if (this.#match(/^\(\?[a-z-]*:/) !== null) throw unsupported(this.#where, 'flags within')
    if (this.#takes('(')) return this.#group()
    if (this.#takes('^')) return { kind: 'start' }
    if (this.#takes('$')) return { kind: 'end' }
    if (this.#takes('.')) return this.#flags.includes('s') ? any : this.#set(complement(lineEnds))
    if (this.#takes('[')) return this.#set(this.#class())
    if (this.#takes('\\')) {
      const escaped = this.#escape(false)
      return this.#set(typeof escaped === 'number' ? [[escaped, escaped]] : escaped)
    }
    const point = this.#next()
    return this.#set([[point, point]])
  }

  #group(): Part {
    const inner = this.#alternatives()
    this.#takes(')')
    return inner
  }

  #next(): number {
    return (this.#characters[this.#place++] as string).codePointAt(0) as number
  }

  #set(set: CharacterSet): Regular {
    const folded = this.#flags.includes('i') ? withOtherCases(set, this.#flags.includes('u')) : set
    return { kind: 'characters', set: folded }
  }

  /** Behind `[`. */
  #class(): CharacterSet {
    const isNegated = this.#takes('^')
    const sets: CharacterSet[] = []
    const one = (): number | CharacterSet => (this.#takes('\\') ? this.#escape(true) : this.#next())
    while (!this.#takes(']')) {
      const first = one()
      const isRange = this.#characters[this.#place] === '-' && this.#characters[this.#place + 1] !== ']'
      if (!isRange || typeof first !== 'number') {
        sets.push(typeof first === 'number' ? [[first, first]] : first)
        continue
      }
      this.#place += 1
      const last = one()
      if (typeof last === 'number') sets.push([[first, last]])
      // Without the flag u a range to a class is its ends and the hyphen.
      else sets.push([[first, first]], [[0x2d, 0x2d]], last)
    }
    const set = union(...sets)
    if (!isNegated) return set
    return complement(this.#flags.includes('i') ? withOtherCases(set, this.#flags.includes('u')) : set)
  }

  /** Behind a backslash: a character, or a class of them. */
  #escape(isInClass: boolean): number | CharacterSet {
    const property = this.#flags.includes('u') ? this.#match(/^[pP]\{[^}]*\}/) : null
    if (property !== null) return propertySet(property[0])
    const pair = this.#match(/^u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/i)
    if (pair !== null)
      return String.fromCharCode(
        Number.parseInt(pair[1] as string, 16),
        Number.parseInt(pair[2] as string, 16),
      ).codePointAt(0) as number
    const braces = this.#flags.includes('u') ? this.#match(/^u\{([0-9a-f]+)\}/i) : null
    const hex = braces ?? this.#match(/^u([0-9a-f]{4})/i) ?? this.#match(/^x([0-9a-f]{2})/i)
    if (hex !== null) return Number.parseInt(hex[1] as string, 16)
    const control = this.#match(/^c([a-zA-Z])/)
    if (control !== null) return (control[1] as string).charCodeAt(0) & 31
    if (this.#match(/^0(?!\d)/) !== null) return 0
    const next = String.fromCodePoint(this.#next())
    const set = classes[next]
    if (set !== undefined) return set
    if (!isInClass && /[1-9k]/.test(next)) throw unsupported(this.#where, `the reference back \\${next}`)
    if (!isInClass && /[bB]/.test(next)) throw unsupported(this.#where, `\\${next}`)
    return controls[next] ?? (next.codePointAt(0) as number)
  }
}

const classes: Readonly<Record<string, CharacterSet>> = {
  d: digits,
  D: complement(digits),
  w: wordCharacters,
  W: complement(wordCharacters),
  s: whitespace,
  S: complement(whitespace),
}
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, b: 8 }

const properties = new Map<string, CharacterSet>()

/** The characters with a property of Unicode, such as `p{L}`: those that the engine says have it. */
function propertySet(name: string): CharacterSet {
  const known = properties.get(name)
  if (known !== undefined) return known
  const pattern = new RegExp(`^\\${name}$`, 'u')
  const ranges: [number, number][] = []
  for (let point = 0; point <= 0x10ffff; point++) {
    if (!pattern.test(String.fromCodePoint(point))) continue
    const before = ranges.at(-1)
    if (before !== undefined && before[1] === point - 1) before[1] = point
    else ranges.push([point, point])
  }
  properties.set(name, ranges)
  return ranges
}

/** What the flag i compares of a character (ECMAScript, Canonicalize). */
function canonical(point: number, isUnicode: boolean): number {
  const upper = Array.from(String.fromCodePoint(point).toUpperCase())
  const single = upper.length === 1 ? (upper[0]?.codePointAt(0) as number) : point
  if (!isUnicode) return point >= 128 && single < 128 ? point : single
  const lower = Array.from(String.fromCodePoint(single).toLowerCase())
  return lower.length === 1 ? (lower[0]?.codePointAt(0) as number) : single
}

/** Characters by what the flag i compares of them: those that are not alone. Letters with cases stand below U+20000. */
function casesOf(isUnicode: boolean): ReadonlyMap<number, readonly number[]> {
  const all = new Map<number, number[]>()
  for (let point = 0; point < 0x20000; point++) {
    const key = canonical(point, isUnicode)
    if (key === point && String.fromCodePoint(point).toLowerCase() === String.fromCodePoint(point)) continue
    all.set(key, [...(all.get(key) ?? [key]), ...(key === point ? [] : [point])])
  }
  return all
}

const cases = new Map<boolean, ReadonlyMap<number, readonly number[]>>()

function withOtherCases(set: CharacterSet, isUnicode: boolean): CharacterSet {
  const table = cases.get(isUnicode) ?? casesOf(isUnicode)
  cases.set(isUnicode, table)
  const has = (point: number): boolean => set.some(([first, last]) => point >= first && point <= last)
  const more = [...table.values()].filter((group) => group.length > 1 && group.some(has)).flat()
  return union(set, characterSet(more.map((point) => [point, point] as const)))
}
