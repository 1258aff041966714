import { ArgumentError, FormatError } from 'typegrad/core'
import { type CharacterSet, characterSet, complement } from './characters.ts'
import { choice, type Expression, type Grammar, repeat, rule, sequence } from './expression.ts'

/**
 * A grammar in GBNF, the notation of llama.cpp (its grammars/README.md): rules `name ::= …` with alternatives `|`, texts
 * `"…"`, sets `[a-z]` and `[^…]`, any character `.`, groups, and repetitions `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`.
 * Comments begin with `#`. The rule `root` is the whole text.
 *
 * @returns a grammar for `Constraint`.
 * @throws FormatError for what is no such grammar, with line and column; ArgumentError for rules that are missing or written
 * twice, all of them at once.
 * @example
 * const grammar = parseGbnf('root ::= "yes" | "no" ("," " "? [a-z]+)*')
 */
export function parseGbnf(source: string): Grammar {
  return new Reader(source).grammar()
}

const escapes: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9 }
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

class Reader {
  readonly #characters: readonly string[]
  #place = 0
  /** Rules that are used, and where first. */
  readonly #used = new Map<string, string>()

  constructor(source: string) {
    this.#characters = Array.from(source)
  }

  grammar(): Grammar {
    const rules = new Map<string, Expression>()
    const twice: string[] = []
    this.#space(true)
    while (this.#place < this.#characters.length) {
      const name = this.#name()
      if (name === '') throw this.#wrong("a rule's name")
      this.#space(false)
      if (!this.#takes('::=')) throw this.#wrong("'::='")
      this.#space(true)
      const expression = this.#alternatives(false)
      if (rules.has(name)) twice.push(`'${name}' twice`)
      rules.set(name, expression)
      this.#space(true)
    }
    const missing = [...this.#used].filter(([name]) => !rules.has(name))
    const wrong = [
      ...missing.map(([name, where]) => `no '${name}', which is used at ${where}`),
      ...(rules.has('root') ? [] : ["no 'root'"]),
      ...twice,
    ]
    if (wrong.length > 0)
      throw new ArgumentError({
        where: 'parseGbnf',
        expected: "one rule for each name that is used, and a rule 'root'",
        received: wrong.join('; '),
      })
    return { root: 'root', rules }
  }

  #wrong(expected: string): FormatError {
    const found = this.#characters[this.#place]
    return new FormatError({
      where: `parseGbnf: ${this.#position()}`,
      expected,
      received: found === undefined ? 'the end' : JSON.stringify(found),
    })
  }

  #position(): string {
    const lines = this.#characters.slice(0, this.#place).join('').split('\n')
    return `line ${lines.length}, column ${Array.from(lines.at(-1) ?? '').length + 1}`
  }

  #takes(text: string): boolean {
    const isThere = Array.from(text).every((one, i) => this.#characters[this.#place + i] === one)
    if (isThere) this.#place += text.length
    return isThere
  }

  /** Spaces and comments; ends of lines where a rule cannot end. */
  #space(withLines: boolean): void {
    for (;;) {
      const next = this.#characters[this.#place]
      if (next === '#') {
        while (this.#place < this.#characters.length && !/[\r\n]/.test(this.#peek())) this.#place += 1
      } else if (next === ' ' || next === '\t' || (withLines && (next === '\n' || next === '\r')))
        this.#place += 1
      else return
    }
  }

  #peek(): string {
    return this.#characters[this.#place] ?? ''
  }

  #name(): string {
    let name = ''
    while (/^[a-zA-Z0-9_-]$/.test(this.#peek())) name += this.#characters[this.#place++]
    return name
  }

  #alternatives(isNested: boolean): Expression {
    const options = [this.#sequence(isNested)]
    while (this.#takes('|')) {
      this.#space(true)
      options.push(this.#sequence(isNested))
    }
    return choice(...options)
  }

  #sequence(isNested: boolean): Expression {
    const items: Expression[] = []
    for (;;) {
      const item = this.#item()
      if (item === undefined) return sequence(...items)
      this.#space(isNested)
      items.push(this.#repeated(item, isNested))
    }
  }

  #repeated(given: Expression, isNested: boolean): Expression {
    let item = given
    for (;;) {
      if (this.#takes('*')) item = repeat(item, 0)
      else if (this.#takes('+')) item = repeat(item, 1)
      else if (this.#takes('?')) item = repeat(item, 0, 1)
      else if (this.#takes('{')) item = this.#counted(item)
      else return item
      this.#space(isNested)
    }
  }

  /** Behind `{`. */
  #counted(item: Expression): Expression {
    const min = this.#number()
    if (min === undefined) throw this.#wrong('a whole number')
    this.#space(true)
    let max: number | undefined = min
    if (this.#takes(',')) {
      this.#space(true)
      max = this.#number() ?? Number.POSITIVE_INFINITY
      this.#space(true)
    }
    if (max < min) throw this.#wrong(`at least ${min} repetitions`)
    if (!this.#takes('}')) throw this.#wrong("'}'")
    return repeat(item, min, max)
  }

  #number(): number | undefined {
    let digits = ''
    this.#space(true)
    while (/^[0-9]$/.test(this.#peek())) digits += this.#characters[this.#place++]
    return digits === '' ? undefined : Number(digits)
  }

  #item(): Expression | undefined {
    if (this.#takes('"')) {
      let text = ''
      while (!this.#takes('"')) text += String.fromCodePoint(this.#character("'\"'"))
      return { kind: 'text', text }
    }
    if (this.#takes('[')) return { kind: 'characters', set: this.#set() }
    if (this.#takes('.')) return { kind: 'characters', set: complement([]) }
    if (this.#takes('(')) {
      this.#space(true)
      const inner = this.#alternatives(true)
      if (!this.#takes(')')) throw this.#wrong("')'")
      return inner
    }
    if (this.#peek() === '<' || this.#peek() === '!') throw this.#wrong('no tokens, which are not supported')
    const where = this.#position()
    const before = this.#place
    const name = this.#name()
    if (name === '') {
      if (this.#peek() === '' || /[\r\n|)]/.test(this.#peek())) return undefined
      throw this.#wrong("a text, a set, a group, a name or the rule's end")
    }
    // A name before ::= is the next rule's: rules may begin in the line of the last one only behind a line's end.
    const after = this.#place
    this.#space(false)
    if (this.#takes('::=')) {
      this.#place = before
      throw this.#wrong("the end of the line before the next rule's name")
    }
    this.#place = after
    if (!this.#used.has(name)) this.#used.set(name, where)
    return rule(name)
  }

  /** Behind `[`. */
  #set(): CharacterSet {
    const isNegated = this.#takes('^')
    const ranges: [number, number][] = []
    while (!this.#takes(']')) {
      const first = this.#character("']'")
      let last = first
      if (this.#peek() === '-' && this.#characters[this.#place + 1] !== ']') {
        this.#place += 1
        last = this.#character("']'")
      }
      if (last < first) throw this.#wrong('a range in ascending order')
      ranges.push([first, last])
    }
    const set = characterSet(ranges)
    return isNegated ? complement(set) : set
  }

  /** A character of a text or a set, which may be escaped. */
  #character(closing: string): number {
    const next = this.#characters[this.#place]
    if (next === undefined || next === '\n') throw this.#wrong(closing)
    this.#place += 1
    if (next !== '\\') return next.codePointAt(0) as number
    const escaped = this.#characters[this.#place++] ?? ''
    const length = hexLengths[escaped]
    if (length !== undefined) {
      const digits = this.#characters.slice(this.#place, this.#place + length).join('')
      const point = Number.parseInt(digits, 16)
      if (!/^[0-9a-f]+$/i.test(digits) || digits.length < length || point > 0x10ffff)
        throw this.#wrong(`${length} hexadecimal digits of a character`)
      this.#place += length
      return point
    }
    const control = escapes[escaped]
    if (control !== undefined) return control
    if ('\\"[]'.includes(escaped) && escaped !== '') return escaped.codePointAt(0) as number
    this.#place -= 1
    throw this.#wrong('one of n r t x u U \\ " [ ] behind a backslash')
  }
}
