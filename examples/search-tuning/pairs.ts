/**
 * `search-tuning/`: the parts of `examples/search-tuning.ts`: pairs of texts to learn from, made of pages alone. It knows
 * typegrad as any program does.
 */
import { sentencesOf } from '../semantic-search/excerpt.ts'
import { type Passage, textOf } from '../semantic-search/passages.ts'

/** A text as somebody might search for a passage, and the passage. */
export interface Pair {
  readonly anchor: string
  readonly positive: string
}

/** How many words a sentence needs to say what it is about. */
const fewestWords = 6

/**
 * What pages themselves say belongs together, without any question:
 *
 * - a heading, and the text under it;
 * - a sentence, and the passage without it (the inverse cloze task, Lee et al. 2019, https://arxiv.org/abs/1906.00300).
 *
 * @param most sentences of a passage, from its beginning.
 */
export function pairsOf(passages: readonly Passage[], most: number): readonly Pair[] {
  return passages.flatMap((passage) => {
    const { title, heading } = passage
    const body = bodyOf(passage)
    const named = heading === title ? title : `${title}: ${heading}`
    const long = sentencesOf(passage).filter(({ text }) => text.split(/\s+/).length >= fewestWords)
    const left = long.slice(0, most).map(({ text }) => ({
      anchor: text,
      positive: textOf(passage).replace(text, '').replace(/\s+/g, ' ').trim(),
    }))
    return [...(body === '' ? [] : [{ anchor: named, positive: body }]), ...left]
  })
}

/** What stands under a heading. */
const bodyOf = (passage: Passage): string => textOf(passage).split('\n').slice(1).join('\n').trim()
