/**
 * `generation/constraints/`: text that has to be of a language: regular expressions, grammars and JSON schemas become
 * expressions, those an automaton of bytes, and that says which tokens of a vocabulary may come next. It knows
 * `generation/logits-processor.ts` and typegrad's errors and options.
 */
import type { CharacterSet } from './characters.ts'

/** What texts may be: the common form of regular expressions, grammars and schemas. */
export type Expression =
  /** One character of a set. */
  | { readonly kind: 'characters'; readonly set: CharacterSet }
  /** This text. */
  | { readonly kind: 'text'; readonly text: string }
  /** One after the other. */
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  /** One of them; of none, nothing fits. */
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  /** From `min` to `max` times, which may be Infinity. */
  | { readonly kind: 'repeat'; readonly item: Expression; readonly min: number; readonly max: number }
  /** What a rule of the grammar says. */
  | { readonly kind: 'rule'; readonly name: string }
  /** What a finite automaton accepts; see `regular.ts`. */
  | { readonly kind: 'machine'; readonly machine: Machine }

/** A finite automaton whose arrows are sets of characters, or how those are written. It starts at state 0. */
export interface Machine {
  readonly states: readonly {
    readonly accepts: boolean
    readonly arrows: readonly { readonly on: Expression; readonly to: number }[]
  }[]
}

/** A context-free grammar: expressions by name, and where to begin. */
export interface Grammar {
  readonly root: string
  readonly rules: ReadonlyMap<string, Expression>
}

export const text = (value: string): Expression => ({ kind: 'text', text: value })
export const characters = (set: CharacterSet): Expression => ({ kind: 'characters', set })
export const sequence = (...items: readonly Expression[]): Expression =>
  items.length === 1 ? (items[0] as Expression) : { kind: 'sequence', items }
export const choice = (...options: readonly Expression[]): Expression =>
  options.length === 1 ? (options[0] as Expression) : { kind: 'choice', options }
export const repeat = (item: Expression, min: number, max = Number.POSITIVE_INFINITY): Expression => ({
  kind: 'repeat',
  item,
  min,
  max,
})
export const optional = (item: Expression): Expression => repeat(item, 0, 1)
export const rule = (name: string): Expression => ({ kind: 'rule', name })
/** Nothing fits. */
export const never: Expression = { kind: 'choice', options: [] }
/** The empty text. */
export const empty: Expression = { kind: 'sequence', items: [] }
