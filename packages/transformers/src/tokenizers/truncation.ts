import { ArgumentError } from 'typegrad/core'
import type { Encoding, Side } from './encoding.ts'

export const truncationStrategies = ['longest_first', 'only_first', 'only_second'] as const
/** Which text of a pair is cut. */
export type TruncationStrategy = (typeof truncationStrategies)[number]

export interface Truncation {
  readonly strategy: TruncationStrategy
  /** With special tokens. */
  readonly maxLength: number
  /** How many special tokens there are. */
  readonly added: number
  readonly stride: number
  readonly side: Side
}

const refused = (expected: string, received: string, fix: string): ArgumentError =>
  new ArgumentError({ where: 'Tokenizer: truncation', expected, received, fix })

/** Cuts a text or a pair so that it has `maxLength` tokens with the special ones. */
export function truncatePair(encodings: readonly Encoding[], options: Truncation): readonly Encoding[] {
  const { strategy, maxLength, added, stride, side } = options
  const most = maxLength - added
  const lengths = encodings.map(({ length }) => length)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  if (most < 0) {
    throw refused(`room for the ${added} special tokens`, `a maxLength of ${maxLength}`, 'Allow more tokens.')
  }
  if (strategy === 'only_second' && encodings.length < 2) {
    throw refused('a pair for only_second', 'one text', "Use 'only_first' or 'longest_first'.")
  }
  if (total <= most) return encodings
  const targets = strategy === 'longest_first' ? shared(lengths, most) : cut(lengths, strategy, total - most)
  return encodings.map((encoding, i) => {
    const target = targets[i] as number
    if (target < encoding.length && target > 0 && stride >= target) {
      throw refused(
        `a stride below ${target}, which is how many tokens of the text a window has`,
        `${stride}`,
        'Windows would not advance: allow more tokens, or share fewer.',
      )
    }
    return encoding.truncated(target, stride, side)
  })
}

/** Lengths of which the larger was cut first. */
function shared(lengths: readonly number[], most: number): readonly number[] {
  const [first = 0, second] = lengths
  if (second === undefined || most === 0) return lengths.map((length) => Math.min(length, most))
  const shorter = Math.min(first, second)
  let longer = shorter > most ? shorter : Math.max(shorter, most - shorter)
  let kept = shorter
  if (kept + longer > most) {
    kept = Math.floor(most / 2)
    longer = kept + (most % 2)
  }
  return first > second ? [longer, kept] : [kept, longer]
}

function cut(lengths: readonly number[], strategy: TruncationStrategy, tooMany: number): readonly number[] {
  const which = strategy === 'only_first' ? 0 : 1
  const length = lengths[which] as number
  if (length <= tooMany) {
    throw refused(
      `a ${which === 0 ? 'first' : 'second'} text with more than the ${tooMany} tokens that are too many`,
      `one with ${length}`,
      "Use 'longest_first', or allow more tokens.",
    )
  }
  return lengths.map((one, i) => (i === which ? one - tooMany : one))
}
