import { ArgumentError, StateError } from 'typegrad/core'
import { type ByteRanges, type CharacterSet, utf8Ranges } from './characters.ts'
import type { Expression, Grammar, Machine } from './expression.ts'

/** A node of a rule's network: arrows that read a byte, arrows for nothing, and arrows that read what a rule says. */
interface Node {
  bytes: { readonly first: number; readonly last: number; readonly to: number }[]
  free: number[]
  calls: { readonly rule: number; readonly to: number }[]
}

/** What rules are made of: expressions, and encodings of characters by more than one byte. */
type Body = Expression | { readonly kind: 'encodings'; readonly products: readonly ByteRanges[] }

interface Network {
  readonly start: number
  readonly end: number
}

/** Nodes and stacks are numbered below this, so that one number holds a pair of them. */
const base = 2 ** 26
const mostNodes = 200_000
const mostConfigurations = 20_000
const mostStates = 20_000
/** A repeated expression with more arrows than this is a rule of its own. */
const largestCopy = 2

/**
 * Where reading stands: a set of configurations, each a node and a stack of the nodes at which to go on when the present
 * rule is done. States are equal where they are the same object, as long as the automaton remembers them.
 */
export class State {
  readonly #automaton: Automaton
  /** Pairs, before arrows for nothing are followed. */
  readonly configurations: readonly number[]
  #reading: readonly number[] | undefined
  #isComplete = false
  readonly #next: (State | null | undefined)[] = []

  constructor(automaton: Automaton, configurations: readonly number[]) {
    this.#automaton = automaton
    this.configurations = configurations
  }

  #closure(): readonly number[] {
    if (this.#reading === undefined) {
      const { reading, isComplete } = this.#automaton.closure(this.configurations)
      this.#reading = reading
      this.#isComplete = isComplete
    }
    return this.#reading
  }

  /** Whether what was read is a whole text. */
  get isComplete(): boolean {
    this.#closure()
    return this.#isComplete
  }

  /** Where a byte leads; null where no text goes on with it. */
  next(byte: number): State | null {
    const known = this.#next[byte]
    if (known !== undefined) return known
    const state = this.#automaton.step(this.#closure(), byte)
    this.#next[byte] = state
    return state
  }
}

/**
 * A grammar as a machine that reads bytes: a network of nodes for each rule, which call each other (recursive transition
 * networks: Woods 1970, https://doi.org/10.1145/355598.362773), simulated with all ways to read at once.
 *
 * Only what can be finished is kept: from each state that is reached some text leads to the end.
 */
export class Automaton {
  readonly #nodes: Node[] = []
  readonly #networks: Network[] = []
  readonly #ends = new Set<number>()
  /** Rules by name, and classes of characters by their ranges. */
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = []
  /** Whether from a node nothing is left to read in its rule. */
  readonly #isTail: boolean[]
  readonly #parents: number[] = [0]
  readonly #returns: number[] = [0]
  readonly #stacks = new Map<number, number>()
  #states = new Map<string, State>()
  readonly start: State

  /**
   * @throws ArgumentError for rules that are missing or call themselves first, for a grammar that no text fits, and for
   * one that is too large.
   */
  constructor({ root, rules }: Grammar) {
    for (const name of [root, ...rules.keys()]) this.#number(name)
    this.#buildAll(rules)
    this.#refuseLeftRecursion()
    this.#prune(root)
    this.#isTail = this.#nodes.map((_, i) => this.#endsAtOnce(i))
    this.start = this.at((this.#networks[this.#number(root)] as Network).start)
  }

  /** The state of a node as if its rule were all. */
  at(node: number): State {
    return this.#state([node * base])
  }

  static split(configuration: number): readonly [node: number, stack: number] {
    return [Math.floor(configuration / base), configuration % base]
  }

  /** Where a stack goes on, and with what below it. 0 is the empty stack. */
  popped(stack: number): readonly [node: number, stack: number] {
    return [this.#returns[stack] as number, this.#parents[stack] as number]
  }

  /** Follows arrows for nothing, into rules and out of them. */
  closure(configurations: readonly number[]): { reading: number[]; isComplete: boolean } {
    const seen = new Set(configurations)
    const reading: number[] = []
    let isComplete = false
    // A set gives what is added while it is walked through.
    for (const configuration of seen) {
      if (seen.size > mostConfigurations)
        throw new StateError({
          where: 'constraint',
          expected: `a grammar with at most ${mostConfigurations} ways to read a text`,
          received: 'one with more for what was generated',
          fix: 'Rewrite rules that can read the same text in several ways.',
        })
      const [index, stack] = Automaton.split(configuration)
      const node = this.#nodes[index] as Node
      if (node.bytes.length > 0) reading.push(configuration)
      for (const to of node.free) seen.add(to * base + stack)
      for (const { rule, to } of node.calls) {
        const pushed = this.#isTail[to] === true ? stack : this.#push(to, stack)
        seen.add((this.#networks[rule] as Network).start * base + pushed)
      }
      if (!this.#ends.has(index)) continue
      if (stack === 0) isComplete = true
      else {
        const [to, below] = this.popped(stack)
        seen.add(to * base + below)
      }
    }
    return { reading, isComplete }
  }

  step(reading: readonly number[], byte: number): State | null {
    const found = new Set<number>()
    for (const configuration of reading) {
      const [index, stack] = Automaton.split(configuration)
      for (const { first, last, to } of (this.#nodes[index] as Node).bytes)
        if (byte >= first && byte <= last) found.add(to * base + stack)
    }
    return found.size === 0 ? null : this.#state([...found].sort((a, b) => a - b))
  }

  #state(configurations: readonly number[]): State {
    const key = configurations.join(' ')
    const known = this.#states.get(key)
    if (known !== undefined) return known
    // Forgotten states still work; equal ones are then made anew.
    if (this.#states.size >= mostStates) this.#states = new Map()
    const state = new State(this, configurations)
    this.#states.set(key, state)
    return state
  }

  #push(to: number, stack: number): number {
    const key = to * base + stack
    const known = this.#stacks.get(key)
    if (known !== undefined) return known
    const made = this.#parents.length
    this.#parents.push(stack)
    this.#returns.push(to)
    this.#stacks.set(key, made)
    return made
  }

  #number(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.#names.length
    this.#numbers.set(name, number)
    this.#names.push(name)
    return number
  }

  /** Makes the networks of the rules, and of what those make rules of. */
  #buildAll(rules: ReadonlyMap<string, Expression>): void {
    const own = new Map<string, Body>()
    // Names are added while this runs.
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i] as string
      const expression = rules.get(name) ?? own.get(name)
      if (expression === undefined)
        throw new ArgumentError({
          where: 'grammar',
          expected: `a rule '${name}'`,
          received: `rules ${[...rules.keys()].map((known) => `'${known}'`).join(', ') || 'of no name'}`,
        })
      const start = this.#node()
      const end = this.#node()
      this.#ends.add(end)
      this.#networks[i] = { start, end }
      this.#build(expression, start, end, own)
    }
  }

  #node(): number {
    if (this.#nodes.length >= mostNodes)
      throw new ArgumentError({
        where: 'grammar',
        expected: `at most ${mostNodes} steps in all rules together`,
        received: 'more',
        fix: 'Allow fewer repetitions, or leave them unbounded.',
      })
    this.#nodes.push({ bytes: [], free: [], calls: [] })
    return this.#nodes.length - 1
  }

  #build(expression: Body, from: number, to: number, own: Map<string, Body>): void {
    const at = (index: number): Node => this.#nodes[index] as Node
    switch (expression.kind) {
      case 'text': {
        const bytes = new TextEncoder().encode(expression.text)
        let here = from
        bytes.forEach((byte, i) => {
          const next = i === bytes.length - 1 ? to : this.#node()
          at(here).bytes.push({ first: byte, last: byte, to: next })
          here = next
        })
        if (bytes.length === 0) at(from).free.push(to)
        return
      }
      case 'characters':
        this.#buildCharacters(expression.set, from, to, own)
        return
      case 'sequence': {
        const { items } = expression
        let here = from
        items.forEach((item, i) => {
          const next = i === items.length - 1 ? to : this.#node()
          this.#build(item, here, next, own)
          here = next
        })
        if (items.length === 0) at(from).free.push(to)
        return
      }
      case 'choice':
        for (const option of expression.options) this.#build(option, from, to, own)
        return
      case 'rule':
        at(from).calls.push({ rule: this.#number(expression.name), to })
        return
      case 'machine':
        this.#buildMachine(expression.machine, from, to, own)
        return
      case 'encodings':
        for (const product of expression.products) {
          let here = from
          product.forEach(([first, last], i) => {
            const next = i === product.length - 1 ? to : this.#node()
            at(here).bytes.push({ first, last, to: next })
            here = next
          })
        }
        return
      case 'repeat': {
        const { min, max } = expression
        const copies = max === Number.POSITIVE_INFINITY ? min + 1 : max
        const item = copies > 1 ? this.#shared(expression.item, own) : expression.item
        let here = from
        for (let i = 0; i < min; i++) {
          const next = this.#node()
          this.#build(item, here, next, own)
          here = next
        }
        if (max === Number.POSITIVE_INFINITY) {
          // A node of its own: what leads to the first one must not be repeated.
          const loop = this.#node()
          at(here).free.push(loop)
          this.#build(item, loop, loop, own)
          at(loop).free.push(to)
          return
        }
        for (let i = min; i < max; i++) {
          const next = this.#node()
          at(here).free.push(to)
          this.#build(item, here, next, own)
          here = next
        }
        at(here).free.push(to)
        return
      }
    }
  }

  /** An expression that is copied often becomes a rule, so that a copy is one arrow. */
  #shared(item: Expression, own: Map<string, Body>): Expression {
    if (item.kind === 'rule') return item
    if (item.kind === 'characters' && item.set.length <= largestCopy) return item
    const name = `(repeated ${own.size})`
    own.set(name, item)
    return { kind: 'rule', name }
  }

  /** ASCII in place; what needs more bytes as a rule that all uses of the set share. */
  #buildCharacters(set: CharacterSet, from: number, to: number, own: Map<string, Body>): void {
    const ranges = utf8Ranges(set)
    for (const product of ranges.filter(({ length }) => length === 1)) {
      const [first, last] = product[0] as readonly [number, number]
      ;(this.#nodes[from] as Node).bytes.push({ first, last, to })
    }
    const longer = ranges.filter(({ length }) => length > 1)
    if (longer.length === 0) return
    const name = `(characters ${set.map((range) => range.join('-')).join(' ')})`
    own.set(name, { kind: 'encodings', products: longer })
    ;(this.#nodes[from] as Node).calls.push({ rule: this.#number(name), to })
  }

  #buildMachine({ states }: Machine, from: number, to: number, own: Map<string, Body>): void {
    const nodes = states.map(() => this.#node())
    ;(this.#nodes[from] as Node).free.push(nodes[0] as number)
    states.forEach(({ accepts, arrows }, i) => {
      const here = nodes[i] as number
      if (accepts) (this.#nodes[here] as Node).free.push(to)
      for (const arrow of arrows) this.#build(arrow.on, here, nodes[arrow.to] as number, own)
    })
  }

  /** Whether nothing is left to read from a node to the end of its rule. */
  #endsAtOnce(index: number): boolean {
    // Chains of arrows for nothing are short; a circle of them never ends.
    let here = index
    for (let steps = 0; steps < 8; steps++) {
      if (this.#ends.has(here)) return true
      const { bytes, free, calls } = this.#nodes[here] as Node
      if (bytes.length > 0 || calls.length > 0 || free.length !== 1) return false
      here = free[0] as number
    }
    return false
  }

  /** Rules that can read nothing at all. */
  #emptyRules(): Set<number> {
    const found = new Set<number>()
    for (let before = -1; before < found.size; ) {
      before = found.size
      this.#networks.forEach(({ end }, rule) => {
        if (!found.has(rule) && this.#beginning(rule, found).nodes.has(end)) found.add(rule)
      })
    }
    return found
  }

  /** The nodes that a rule reaches, and the rules that it calls, before it has read a byte. */
  #beginning(rule: number, isEmpty: ReadonlySet<number>): { nodes: Set<number>; calls: Set<number> } {
    const nodes = new Set([(this.#networks[rule] as Network).start])
    const calls = new Set<number>()
    for (const index of nodes) {
      const node = this.#nodes[index] as Node
      for (const to of node.free) nodes.add(to)
      for (const call of node.calls) {
        calls.add(call.rule)
        if (isEmpty.has(call.rule)) nodes.add(call.to)
      }
    }
    return { nodes, calls }
  }

  /** A rule that calls itself before it has read anything would be called without end. */
  #refuseLeftRecursion(): void {
    const isEmpty = this.#emptyRules()
    const calls = this.#networks.map((_, rule) => [...this.#beginning(rule, isEmpty).calls])
    const done = new Set<number>()
    const visit = (rule: number, path: readonly number[]): void => {
      const from = path.indexOf(rule)
      if (from >= 0) {
        const circle = [...path.slice(from), rule].map((one) => this.#names[one]).join(' → ')
        throw new ArgumentError({
          where: 'grammar',
          expected: 'rules that read something before they call themselves',
          received: circle,
          fix: 'Write a repetition: list ::= item ("," item)* in the place of list ::= list "," item | item.',
        })
      }
      if (done.has(rule)) return
      for (const called of calls[rule] ?? []) visit(called, [...path, rule])
      done.add(rule)
    }
    for (const rule of calls.keys()) visit(rule, [])
  }

  /** Removes arrows from which no end can be reached. */
  #prune(root: string): void {
    const good = new Set(this.#ends)
    const isGood = (index: number): boolean => {
      const { bytes, free, calls } = this.#nodes[index] as Node
      return (
        bytes.some(({ to }) => good.has(to)) ||
        free.some((to) => good.has(to)) ||
        calls.some(({ rule, to }) => good.has(to) && good.has((this.#networks[rule] as Network).start))
      )
    }
    const count = this.#nodes.length
    // In both directions, so that long chains need few rounds.
    for (let before = -1; before < good.size; ) {
      before = good.size
      for (let i = count - 1; i >= 0; i--) if (!good.has(i) && isGood(i)) good.add(i)
      for (let i = 0; i < count; i++) if (!good.has(i) && isGood(i)) good.add(i)
    }
    if (!good.has((this.#networks[this.#number(root)] as Network).start)) {
      const bad = this.#names.filter(
        (name, i) => !name.startsWith('(') && !good.has((this.#networks[i] as Network).start),
      )
      throw new ArgumentError({
        where: 'grammar',
        expected: 'a grammar that some finite text fits',
        received: `rules that none does: ${bad.map((name) => `'${name}'`).join(', ')}`,
        fix: 'Give rules that call themselves another choice, which ends.',
      })
    }
    for (const node of this.#nodes) {
      node.bytes = node.bytes.filter(({ to }) => good.has(to))
      node.free = node.free.filter((to) => good.has(to))
      node.calls = node.calls.filter(
        ({ rule, to }) => good.has(to) && good.has((this.#networks[rule] as Network).start),
      )
    }
  }
}
