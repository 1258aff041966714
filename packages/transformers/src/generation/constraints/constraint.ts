import { StateError } from 'typegrad/core'
import type { LogitsProcessor } from '../logits-processor.ts'
import { Automaton, type State } from './automaton.ts'
import type { Grammar } from './expression.ts'
import { TokenSet } from './token-set.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What the tokens below a node of the vocabulary's tree do from a node of the automaton within its rule. */
interface Explored {
  /** Tokens that stay within it: a list, or a set where they are many. */
  readonly tokens: Int32Array | TokenSet
  /** Nodes of the tree after whose bytes the rule may be done, so that what called it goes on. */
  readonly exits: readonly number[]
}

const mostMasks = 512
const mostExplored = 4096

/**
 * Text of a vocabulary's tokens that a grammar has to accept.
 *
 * The tokens that may come next are found once for each place in the grammar, whatever called the rule there: what tokens do
 * that reach beyond their rule is looked up where they come out of it. So a state in a deeper level of a nested text costs
 * no more than the first one (the split of Dong et al. 2024, "XGrammar", https://arxiv.org/abs/2411.15100).
 *
 * @example
 * const encoder = new TextEncoder()
 * const vocabulary = new Vocabulary(['a', 'b', 'ab', ''].map((word) => encoder.encode(word)), { endTokens: 3 })
 * const constraint = new Constraint(regexGrammar('(ab)+'), vocabulary)
 * const state = constraint.start().advance(0)
 * state.mask().has(1)
 */
export class Constraint {
  readonly vocabulary: Vocabulary
  readonly #automaton: Automaton
  readonly #explored = new Map<number, Explored>()
  readonly #masks = new Map<State, TokenSet>()

  /** @throws ArgumentError for a grammar that no text fits; see `Automaton`. */
  constructor(grammar: Grammar, vocabulary: Vocabulary) {
    this.vocabulary = vocabulary
    this.#automaton = new Automaton(grammar)
  }

  /** Where nothing has been said. */
  start(): ConstraintState {
    return new ConstraintState(this, this.#automaton.start, false)
  }

  /** The tokens that may come next, those that end the text among them where it may end. */
  maskOf(state: State): TokenSet {
    const known = this.#masks.get(state)
    if (known !== undefined) return known
    const mask = new TokenSet(this.vocabulary.size)
    const seen = new Set<string>()
    const collect = (node: number, at: number, stack: number): void => {
      const key = `${node} ${at} ${stack}`
      if (seen.has(key)) return
      seen.add(key)
      const { tokens, exits } = this.#explore(node, at)
      if (tokens instanceof TokenSet) mask.addAll(tokens)
      else for (const id of tokens) mask.add(id)
      if (stack === 0) return
      const [to, below] = this.#automaton.popped(stack)
      for (const exit of exits) collect(to, exit, below)
    }
    for (const configuration of state.configurations) {
      const [node, stack] = Automaton.split(configuration)
      collect(node, 0, stack)
    }
    if (state.isComplete) for (const id of this.vocabulary.endTokens) mask.add(id)
    // The oldest goes first.
    for (const old of this.#masks.keys()) {
      if (this.#masks.size < mostMasks) break
      this.#masks.delete(old)
    }
    this.#masks.set(state, mask)
    return mask
  }

  #explore(node: number, at: number): Explored {
    const key = node * 2 ** 26 + at
    const known = this.#explored.get(key)
    if (known !== undefined) return known
    const { byte, depth, end, token, before, size } = this.vocabulary
    const first = this.#automaton.at(node)
    const ids: number[] = []
    const exits: number[] = first.isComplete ? [at] : []
    const top = depth[at] as number
    const path: State[] = [first]
    for (let i = at + 1; i < (end[at] as number); ) {
      const level = (depth[i] as number) - top
      const next = (path[level - 1] as State).next(byte[i] as number)
      if (next === null) {
        i = end[i] as number
        continue
      }
      for (let id = token[i] as number; id >= 0; id = before[id] as number) ids.push(id)
      if (next.isComplete && (end[i] as number) > i + 1) exits.push(i)
      path[level] = next
      i += 1
    }
    const explored = { tokens: compact(ids, size), exits }
    if (this.#explored.size >= mostExplored) this.#explored.clear()
    this.#explored.set(key, explored)
    return explored
  }
}

/** A set takes a bit for each token that there is, a list 32 for each that is in it. */
function compact(ids: readonly number[], size: number): Int32Array | TokenSet {
  if (ids.length * 32 < size) return Int32Array.from(ids)
  const set = new TokenSet(size)
  for (const id of ids) set.add(id)
  return set
}

/** Where a constrained text stands. Never changes: several continuations may begin at the same one. */
export class ConstraintState {
  readonly #constraint: Constraint
  readonly #state: State
  /** Whether an end token was said. */
  readonly isEnded: boolean

  constructor(constraint: Constraint, state: State, isEnded: boolean) {
    this.#constraint = constraint
    this.#state = state
    this.isEnded = isEnded
  }

  /** Whether the text may end here. */
  get isComplete(): boolean {
    return this.#state.isComplete
  }

  /** The tokens that may come next: none after the end. */
  mask(): TokenSet {
    if (this.isEnded) return new TokenSet(this.#constraint.vocabulary.size)
    return this.#constraint.maskOf(this.#state)
  }

  /**
   * The state after a token.
   *
   * @throws StateError for a token that may not come next.
   */
  advance(token: number): ConstraintState {
    const { vocabulary } = this.#constraint
    const isEnd = vocabulary.endTokens.includes(token)
    const bytes = vocabulary.bytesOf(token)
    let state: State | null = this.#state
    if (isEnd) state = this.isComplete && !this.isEnded ? state : null
    else if (bytes.length === 0 || this.isEnded) state = null
    else for (const byte of bytes) state = state === null ? null : state.next(byte)
    if (state !== null) return new ConstraintState(this.#constraint, state, isEnd)
    throw new StateError({
      where: 'constraint',
      expected: 'a token that may come next',
      received: `token ${token} (${JSON.stringify(new TextDecoder().decode(bytes))})`,
      fix: 'Ask mask() which tokens may.',
    })
  }
}

/**
 * Rules out each token that a constraint does not allow, and the end before the text is whole. After the end nothing is
 * ruled out: the sequence is done.
 *
 * One processor serves one sequence at a time: a history that is not the last one's continuation is read from the prompt's
 * end.
 *
 * @param promptLength how many tokens of the history the constraint does not concern.
 * @throws StateError (when it processes) where no token of the vocabulary is allowed, or where the history is not what the
 * constraint allows.
 */
export function constraintProcessor(constraint: Constraint, promptLength: number): LogitsProcessor {
  const said: number[] = []
  /** The state before each token that was said, and the one after all. */
  const states = [constraint.start()]
  return {
    process(logits, history) {
      let same = 0
      while (same < said.length && said[same] === history[promptLength + same]) same += 1
      said.length = same
      states.length = same + 1
      for (let i = promptLength + same; i < history.length; i++) {
        const token = history[i] as number
        const state = states.at(-1) as ConstraintState
        states.push(state.isEnded ? state : state.advance(token))
        said.push(token)
      }
      const state = states.at(-1) as ConstraintState
      if (state.isEnded) return
      const mask = state.mask()
      if (mask.isEmpty)
        throw new StateError({
          where: 'constraint',
          expected: 'a vocabulary with tokens for all texts of the grammar',
          received: 'one with no token that may come next',
          fix: 'A vocabulary with a token for each single byte has one always.',
        })
      for (let i = 0; i < logits.length; i++) if (!mask.has(i)) logits[i] = Number.NEGATIVE_INFINITY
    },
  }
}
