import type { Span } from '../annotations/task.ts'

export interface Range {
  readonly start: number
  readonly end: number
}

const segmenter = new Intl.Segmenter('und', { granularity: 'word' })

/** Words and punctuation marks of a text, by their places. */
export const wordRanges = (text: string): readonly Range[] =>
  Array.from(segmenter.segment(text), ({ segment, index }) => ({
    segment,
    start: index,
    end: index + segment.length,
  }))
    .filter(({ segment }) => segment.trim() !== '')
    .map(({ start, end }) => ({ start, end }))

/** What is selected without the space around it; undefined for nothing but space. */
export function trimmed(text: string, { start, end }: Range): Range | undefined {
  const part = text.slice(start, end)
  const from = start + part.length - part.trimStart().length
  const to = start + part.trimEnd().length
  return from < to ? { start: from, end: to } : undefined
}

/** The whole words that a range touches. */
export function wholeWords(words: readonly Range[], range: Range): Range {
  const touched = words.filter(({ start, end }) => start < range.end && end > range.start)
  return { start: touched[0]?.start ?? range.start, end: touched.at(-1)?.end ?? range.end }
}

/** Spans with a new one, which takes the place of those that it overlaps. */
export const withSpan = (spans: readonly Span[], added: Span): readonly Span[] =>
  [...spans.filter(({ start, end }) => end <= added.start || start >= added.end), added].sort(
    (a, b) => a.start - b.start,
  )

/** A part of a text, which lies in a span or between spans. */
export interface Piece extends Range {
  readonly span: Span | undefined
}

/** A text cut at its spans, and at other places. */
export function piecesOf(length: number, spans: readonly Span[], cuts: readonly number[]): readonly Piece[] {
  const places = new Set([0, length, ...cuts, ...spans.flatMap(({ start, end }) => [start, end])])
  const sorted = [...places].filter((place) => place >= 0 && place <= length).sort((a, b) => a - b)
  return sorted.slice(0, -1).map((start, i) => ({
    start,
    end: sorted[i + 1] as number,
    span: spans.find((span) => span.start <= start && start < span.end),
  }))
}
