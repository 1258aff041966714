import { ArgumentError } from 'typegrad/core'
import { checkPaired } from './paired.ts'
import { wordsOf } from './python-text.ts'

/**
 * The fewest insertions, deletions and substitutions of items that make one list of another.
 *
 * Levenshtein 1966, Binary codes capable of correcting deletions, insertions, and reversals
 */
export function editDistance(from: readonly string[], to: readonly string[]): number {
  // distances[j]: from the items so far to the first j of the other.
  let distances = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (const [i, item] of from.entries()) {
    const row = [i + 1]
    for (let j = 1; j <= to.length; j++) {
      const substituted = (distances[j - 1] as number) + (item === to[j - 1] ? 0 : 1)
      row.push(Math.min(substituted, (distances[j] as number) + 1, (row[j - 1] as number) + 1))
    }
    distances = row
  }
  return distances[to.length] as number
}

/** Edits over items of the references, of all texts together. */
function errorRate(
  where: string,
  hypotheses: readonly string[],
  references: readonly string[],
  itemsOf: (text: string) => readonly string[],
): number {
  checkPaired(where, ['references', references], ['hypotheses', hypotheses])
  let [edits, items] = [0, 0]
  for (const [i, hypothesis] of hypotheses.entries()) {
    const wanted = itemsOf(references[i] as string)
    edits += editDistance(itemsOf(hypothesis), wanted)
    items += wanted.length
  }
  if (items > 0) return edits / items
  throw new ArgumentError({ where: `${where}: references`, expected: 'some text', received: 'none' })
}

/**
 * Word error rate: insertions, deletions and substitutions of words, over the words of the references of all texts. It is above
 * 1 where much is inserted. Texts are compared as they are: bring case and punctuation to one form before.
 *
 * @throws ArgumentError for lists of different lengths, and references without a word.
 * @example
 * textMetrics.wordErrorRate(['the cat sit'], ['the cat sat down']) // 0.5
 */
export const wordErrorRate = (hypotheses: readonly string[], references: readonly string[]): number =>
  errorRate('wordErrorRate', hypotheses, references, wordsOf)

/**
 * Character error rate: as {@link wordErrorRate}, of characters (code points), spaces among them.
 *
 * @throws ArgumentError for lists of different lengths, and references without a character.
 * @example
 * textMetrics.characterErrorRate(['kitten'], ['sitting']) // 3 / 7
 */
export const characterErrorRate = (hypotheses: readonly string[], references: readonly string[]): number =>
  errorRate('characterErrorRate', hypotheses, references, (text) => [...text])
