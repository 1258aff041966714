import type { Span } from '../annotations/task.ts'
import { type F1, f1Of } from './f1.ts'

/**
 * Precision, recall and F1 of one person's spans by another's: those count whose class, start and end are the same, as CoNLL-2003
 * and seqeval count entities.
 *
 * @example
 * spanF1([{ class: 'PER', start: 0, end: 3 }], [{ class: 'PER', start: 0, end: 4 }]).f1 // 0
 */
export function spanF1(found: readonly Span[], expected: readonly Span[]): F1 {
  const keys = new Set(expected.map((span) => `${span.start} ${span.end} ${span.class}`))
  const matched = found.filter((span) => keys.has(`${span.start} ${span.end} ${span.class}`)).length
  return f1Of(matched, found.length, expected.length)
}
