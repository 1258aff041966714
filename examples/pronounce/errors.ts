import { textMetrics } from '@typegrad/transformers'
import type { Entry } from './dictionary.ts'

/** Shares of what was said wrong. */
export interface Errors {
  /** Phonemes to insert, delete and change, of those in the dictionary. */
  readonly phonemes: number
  /** Words with any. */
  readonly words: number
}

/**
 * Errors of pronunciations, each held against the nearest that the dictionary has of its word.
 *
 * @param form what becomes of both before they are compared. Default: they stay as they are.
 */
export function phonemeErrors(
  spoken: readonly string[],
  entries: readonly Entry[],
  form: (phonemes: string) => string = (phonemes) => phonemes,
): Errors {
  let [edits, phonemes, words] = [0, 0, 0]
  for (const [i, { pronunciations }] of entries.entries()) {
    const said = form(spoken[i] ?? '')
      .split(' ')
      .filter((phoneme) => phoneme !== '')
    const [nearest] = pronunciations
      .map((right) => form(right).split(' '))
      .map((right) => ({ edits: textMetrics.editDistance(said, right), length: right.length }))
      .sort((a, b) => a.edits - b.edits)
    if (nearest === undefined) continue
    edits += nearest.edits
    phonemes += nearest.length
    if (nearest.edits > 0) words++
  }
  return { phonemes: edits / phonemes, words: words / entries.length }
}
