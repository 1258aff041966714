import { ArgumentError } from 'typegrad/core'
import { anyCharacter, type CharacterSet, charactersOf } from './characters.ts'
import { characters, type Expression, type Machine } from './expression.ts'

/**
 * Languages that a finite automaton accepts: what `Expression` has without rules, and what is closed under "and" and "not":
 * lengths beside a pattern, lookaheads, names other than some, numbers in a range.
 */
export type Regular =
  | Extract<Expression, { readonly kind: 'characters' | 'text' }>
  | { readonly kind: 'sequence'; readonly items: readonly Regular[] }
  | { readonly kind: 'choice'; readonly options: readonly Regular[] }
  | { readonly kind: 'repeat'; readonly item: Regular; readonly min: number; readonly max: number }
  /** What all of them accept. */
  | { readonly kind: 'and'; readonly items: readonly Regular[] }
  /** What it does not accept. */
  | { readonly kind: 'not'; readonly item: Regular }
  /** Decimal digits that are a multiple of a whole number. */
  | { readonly kind: 'multiple'; readonly of: number }

export const any: Regular = { kind: 'characters', set: anyCharacter }
export const anything: Regular = { kind: 'repeat', item: any, min: 0, max: Number.POSITIVE_INFINITY }
export const both = (...items: readonly Regular[]): Regular =>
  items.length === 1 ? (items[0] as Regular) : { kind: 'and', items }
export const not = (item: Regular): Regular => ({ kind: 'not', item })

/** The same as an expression that an automaton is built of: as it is, or as a machine where it has "and" or "not". */
export function expressionOf(regular: Regular, where: string): Expression {
  return plain(regular) ?? { kind: 'machine', machine: machineOf(regular, where) }
}

/** A language without "and" and "not" as an expression; undefined for others. */
function plain(regular: Regular): Expression | undefined {
  switch (regular.kind) {
    case 'characters':
    case 'text':
      return regular
    case 'sequence': {
      const items = regular.items.map(plain)
      return items.every((item) => item !== undefined) ? { kind: 'sequence', items } : undefined
    }
    case 'choice': {
      const options = regular.options.map(plain)
      return options.every((option) => option !== undefined) ? { kind: 'choice', options } : undefined
    }
    case 'repeat': {
      const item = plain(regular.item)
      return item === undefined ? undefined : { ...regular, item }
    }
    default:
      return undefined
  }
}

/** Whether no text is accepted. */
export function acceptsNothing({ states }: Machine): boolean {
  const seen = new Set([0])
  for (const index of seen) {
    const state = states[index]
    if (state?.accepts) return false
    for (const { to } of state?.arrows ?? []) seen.add(to)
  }
  return true
}

const mostStates = 10_000

/**
 * The automaton of a language, by derivatives: what may follow a character is a language again, and equal ones are one state
 * (Brzozowski 1964, https://doi.org/10.1145/321239.321249; Owens, Reppy and Turon 2009,
 * https://doi.org/10.1017/S0956796808007090). Characters between which no set of the language tells are treated as one.
 *
 * @throws ArgumentError for a language that needs too many states.
 */
export function machineOf(regular: Regular, where: string): Machine {
  const terms = new Terms()
  const first = terms.of(regular)
  const numbers = new Map([[first, 0]])
  const states: Machine['states'][number][] = []
  // Terms are added while this runs.
  for (const term of numbers.keys()) {
    if (numbers.size > mostStates)
      throw new ArgumentError({
        where,
        expected: `a language that at most ${mostStates} states tell`,
        received: 'one that needs more',
        fix: 'Allow shorter texts, or fewer conditions at once.',
      })
    const sets = new Map<Term, [number, number][]>()
    const cuts = [...new Set([0, ...terms.cuts(term)])].filter((cut) => cut <= 0x10ffff)
    cuts.sort((a, b) => a - b)
    cuts.forEach((cut, i) => {
      const to = terms.derivative(term, cut)
      if (to === terms.never) return
      const ranges = sets.get(to) ?? []
      const last = (cuts[i + 1] ?? 0x110000) - 1
      const before = ranges.at(-1)
      if (before !== undefined && before[1] === cut - 1) before[1] = last
      else ranges.push([cut, last])
      sets.set(to, ranges)
    })
    const arrows = [...sets].map(([to, set]) => {
      const number = numbers.get(to) ?? numbers.size
      numbers.set(to, number)
      return { on: characters(set), to: number }
    })
    states.push({ accepts: term.isEmpty, arrows })
  }
  return { states }
}

/** A language in a form in which equal ones are the same object, mostly. */
interface Term {
  readonly id: number
  /** Whether the empty text is in it. */
  readonly isEmpty: boolean
  readonly node:
    | { readonly kind: 'characters'; readonly set: CharacterSet }
    | { readonly kind: 'empty' }
    | { readonly kind: 'then'; readonly first: Term; readonly rest: Term }
    | { readonly kind: 'repeat'; readonly item: Term; readonly min: number; readonly max: number }
    | { readonly kind: 'or' | 'and'; readonly items: readonly Term[] }
    | { readonly kind: 'not'; readonly item: Term }
    | { readonly kind: 'multiple'; readonly of: number; readonly rest: number; readonly hasDigits: boolean }
}

class Terms {
  readonly #known = new Map<string, Term>()
  readonly never = this.#make('never', false, { kind: 'or', items: [] })
  readonly #empty = this.#make('empty', true, { kind: 'empty' })
  readonly #everything = this.#not(this.never)

  of(regular: Regular): Term {
    switch (regular.kind) {
      case 'characters':
        return this.#characters(regular.set)
      case 'text':
        return Array.from(regular.text).reduceRight(
          (rest, character) => this.#then(this.#characters(charactersOf(character)), rest),
          this.#empty,
        )
      case 'sequence':
        return regular.items.reduceRight((rest, item) => this.#then(this.of(item), rest), this.#empty)
      case 'choice':
        return this.#or(regular.options.map((option) => this.of(option)))
      case 'repeat':
        return this.#repeat(this.of(regular.item), regular.min, regular.max)
      case 'and':
        return this.#and(regular.items.map((item) => this.of(item)))
      case 'not':
        return this.#not(this.of(regular.item))
      case 'multiple':
        return this.#multiple(regular.of, 0, false)
    }
  }

  #make(key: string, isEmpty: boolean, node: Term['node']): Term {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const term = { id: this.#known.size, isEmpty, node }
    this.#known.set(key, term)
    return term
  }

  #characters(set: CharacterSet): Term {
    if (set.length === 0) return this.never
    return this.#make(`[${set.join(' ')}]`, false, { kind: 'characters', set })
  }

  #multiple(of: number, rest: number, hasDigits: boolean): Term {
    return this.#make(`%${of} ${rest} ${hasDigits}`, hasDigits && rest === 0, {
      kind: 'multiple',
      of,
      rest,
      hasDigits,
    })
  }

  #then(first: Term, rest: Term): Term {
    if (first === this.never || rest === this.never) return this.never
    if (first === this.#empty) return rest
    if (rest === this.#empty) return first
    // To the right, so that equal sequences are the same.
    if (first.node.kind === 'then') return this.#then(first.node.first, this.#then(first.node.rest, rest))
    return this.#make(`${first.id}.${rest.id}`, first.isEmpty && rest.isEmpty, {
      kind: 'then',
      first,
      rest,
    })
  }

  #repeat(item: Term, min: number, max: number): Term {
    if (max === 0 || item === this.#empty) return this.#empty
    if (item === this.never) return min === 0 ? this.#empty : this.never
    if (min === 1 && max === 1) return item
    return this.#make(`${item.id}{${min},${max}}`, min === 0 || item.isEmpty, {
      kind: 'repeat',
      item,
      min,
      max,
    })
  }

  #or(given: readonly Term[]): Term {
    const items = flat('or', given).filter((item) => item !== this.never)
    if (items.length === 0) return this.never
    if (items.includes(this.#everything)) return this.#everything
    if (items.length === 1) return items[0] as Term
    const isEmpty = items.some((item) => item.isEmpty)
    return this.#make(`|${items.map(({ id }) => id)}`, isEmpty, { kind: 'or', items })
  }

  #and(given: readonly Term[]): Term {
    const items = flat('and', given).filter((item) => item !== this.#everything)
    if (items.includes(this.never)) return this.never
    if (items.length === 0) return this.#everything
    if (items.length === 1) return items[0] as Term
    const isEmpty = items.every((item) => item.isEmpty)
    return this.#make(`&${items.map(({ id }) => id)}`, isEmpty, { kind: 'and', items })
  }

  #not(item: Term): Term {
    if (item.node.kind === 'not') return item.node.item
    return this.#make(`!${item.id}`, !item.isEmpty, { kind: 'not', item })
  }

  /** What may follow a character. */
  derivative(term: Term, point: number): Term {
    const { node } = term
    switch (node.kind) {
      case 'empty':
        return this.never
      case 'characters':
        return node.set.some(([first, last]) => point >= first && point <= last) ? this.#empty : this.never
      case 'then': {
        const { first, rest } = node
        const through = this.#then(this.derivative(first, point), rest)
        return first.isEmpty ? this.#or([through, this.derivative(rest, point)]) : through
      }
      case 'repeat': {
        const { item, min, max } = node
        const rest = this.#repeat(item, Math.max(min - 1, 0), max - 1)
        return this.#then(this.derivative(item, point), rest)
      }
      case 'or':
        return this.#or(node.items.map((item) => this.derivative(item, point)))
      case 'and':
        return this.#and(node.items.map((item) => this.derivative(item, point)))
      case 'not':
        return this.#not(this.derivative(node.item, point))
      case 'multiple': {
        const digit = point - 0x30
        if (digit < 0 || digit > 9) return this.never
        return this.#multiple(node.of, (10 * node.rest + digit) % node.of, true)
      }
    }
  }

  /** Where derivatives may change: the first characters of runs that are treated alike. */
  cuts({ node }: Term): readonly number[] {
    switch (node.kind) {
      case 'empty':
        return []
      case 'characters':
        return node.set.flatMap(([first, last]) => [first, last + 1])
      case 'then':
        return node.first.isEmpty
          ? [...this.cuts(node.first), ...this.cuts(node.rest)]
          : this.cuts(node.first)
      case 'repeat':
      case 'not':
        return this.cuts(node.item)
      case 'or':
      case 'and':
        return node.items.flatMap((item) => this.cuts(item))
      case 'multiple':
        return Array.from({ length: 11 }, (_, digit) => 0x30 + digit)
    }
  }
}

/** Alternatives of alternatives in one list, each once, in a fixed order. */
function flat(kind: 'or' | 'and', items: readonly Term[]): Term[] {
  const all = items.flatMap((item) =>
    item.node.kind === kind && item.node.items.length > 0 ? item.node.items : [item],
  )
  return [...new Set(all)].sort((a, b) => a.id - b.id)
}
