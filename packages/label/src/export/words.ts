/**
 * `export/`: labels as rows and files that other programs read. It knows answers and samples, and neither journal nor server.
 */
import type { Span } from '../annotations/task.ts'

/** A word and where it stands in its text. */
export interface Word {
  readonly word: string
  readonly start: number
  readonly end: number
}

const segmenter = new Intl.Segmenter('und', { granularity: 'word' })

/**
 * Words and punctuation marks of a text, by Unicode's rules (https://unicode.org/reports/tr29/#Word_Boundaries), without what is
 * between them. A word is cut where a span begins or ends within it, so that spans are whole words.
 */
export function wordsOf(text: string, spans: readonly Span[] = []): readonly Word[] {
  const cuts = spans.flatMap(({ start, end }) => [start, end])
  const words: Word[] = []
  for (const { segment, index } of segmenter.segment(text)) {
    const end = index + segment.length
    const within = [...new Set(cuts.filter((cut) => cut > index && cut < end))].sort((a, b) => a - b)
    for (const [i, start] of [index, ...within].entries()) {
      const stop = within[i] ?? end
      const word = text.slice(start, stop)
      if (word.trim() !== '') words.push({ word, start, end: stop })
    }
  }
  return words
}

/** A text in words, with a label for each: `B-PER` at a span's first word, `I-PER` at the others, `O` outside (IOB2). */
export function iob2(
  text: string,
  spans: readonly Span[],
): { readonly tokens: string[]; readonly labels: string[] } {
  const words = wordsOf(text, spans)
  const first = new Set<Span>()
  const labels = words.map(({ start, end }) => {
    const span = spans.find((one) => one.start <= start && end <= one.end)
    if (span === undefined) return 'O'
    const isFirst = !first.has(span)
    first.add(span)
    return `${isFirst ? 'B' : 'I'}-${span.class}`
  })
  return { tokens: words.map(({ word }) => word), labels }
}
