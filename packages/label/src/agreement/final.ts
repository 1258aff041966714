import type { LabelEvent } from '../annotations/event.ts'
import type { SampleRecord } from '../annotations/records.ts'
import type { Boxes, Task, Values } from '../annotations/task.ts'
import { boxesAgree } from './boxes.ts'

/** What becomes of a sample on which people disagree and nobody has decided. */
export type Disagreements = 'majority' | 'leaveOut'

/** Whether two answers say the same: boxes overlap by half with the same classes, all else is equal. */
const same: { readonly [T in Task]: (a: Values[T], b: Values[T]) => boolean } = {
  class: (a, b) => a === b,
  classes: (a, b) => a.length === b.length && a.every((name, i) => name === b[i]),
  boxes: (a: Boxes, b: Boxes) => boxesAgree(a.boxes, b.boxes),
  spans: (a, b) =>
    a.length === b.length &&
    a.every((span, i) => {
      const other = b[i]
      return span.class === other?.class && span.start === other.start && span.end === other.end
    }),
  transcript: (a, b) => a === b,
}

export function saySame<T extends Task>(task: T, a: Values[T], b: Values[T]): boolean {
  return same[task](a, b)
}

const labelsOf = <T extends Task>(record: SampleRecord<T>): readonly LabelEvent<T>[] =>
  [...record.answers.values()].filter((answer) => answer.event === 'label')

/** Whether people disagree on a sample and nobody has decided. */
export function isDisputed<T extends Task>(task: T, record: SampleRecord<T>): boolean {
  const [first, ...rest] = labelsOf(record)
  return (
    record.decision === undefined &&
    first !== undefined &&
    rest.some(({ value }) => !saySame(task, first.value, value))
  )
}

/**
 * What holds of a sample: what was decided; else what all have said, or, by `'majority'`, more than half of them. Of answers that
 * say the same the first is taken.
 */
export function finalValue<T extends Task>(
  task: T,
  record: SampleRecord<T>,
  disagreements: Disagreements,
): Values[T] | undefined {
  if (record.decision !== undefined) return record.decision.value
  const labels = labelsOf(record)
  const needed = disagreements === 'majority' ? labels.length / 2 : labels.length - 1
  return labels.find(
    ({ value }) => labels.filter((other) => saySame(task, value, other.value)).length > needed,
  )?.value
}
