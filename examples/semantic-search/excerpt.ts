import { wrapped } from '../text.ts'
import type { Block, Passage } from './passages.ts'

/** How many words of a passage are shown, unless a single block has more. */
const mostWords = 80
const mostCodeLines = 6

/** A sentence of one of a passage's blocks. */
export interface Sentence {
  readonly block: number
  readonly text: string
}

/** The sentences of a passage; code has none. */
export const sentencesOf = ({ blocks }: Passage): readonly Sentence[] =>
  blocks.flatMap(({ kind, text }, block) =>
    kind === 'code' ? [] : splitSentences(text).map((sentence) => ({ block, text: sentence })),
  )

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })
const splitSentences = (text: string): readonly string[] =>
  Array.from(segmenter.segment(text), ({ segment }) => segment.trim()).filter((sentence) => sentence !== '')

/** How the best sentence is marked: by its beginning and its end. */
export interface Marks {
  readonly open: string
  readonly close: string
}

/**
 * What of a passage stands around its best sentence, in lines of at most `columns` characters (those of code may be longer).
 * The sentence is marked.
 *
 * @param best undefined for a passage of code alone.
 */
export function excerptOf(
  { blocks }: Passage,
  best: Sentence | undefined,
  columns: number,
  { open, close }: Marks,
): string {
  const shown = around(blocks, best?.block ?? 0)
  return shown
    .map((index) => {
      const { kind, text } = blocks[index] as Block
      if (kind === 'code') return shortened(text)
      if (index !== best?.block) return wrapped(text, columns)
      // The marks are put in behind wrapping: a terminal's have no width.
      const marked = wrapped(
        text.replace(best.text, () => `»${best.text}«`),
        columns,
      )
      return marked.replace('»', open).replace('«', close)
    })
    .join('\n')
}

/** The block with the best sentence, and as many behind and before it as there is room for. */
function around(blocks: readonly Block[], best: number): readonly number[] {
  const words = (index: number): number => blocks[index]?.text.split(/\s+/).length ?? Number.POSITIVE_INFINITY
  let [first, last, count] = [best, best, words(best)]
  for (;;) {
    if (count + words(last + 1) <= mostWords) count += words(++last)
    else if (count + words(first - 1) <= mostWords) count += words(--first)
    else return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  }
}

function shortened(code: string): string {
  const lines = code.split('\n')
  const shown = lines.slice(0, mostCodeLines)
  return (shown.length < lines.length ? [...shown, '…'] : shown)
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')
}
