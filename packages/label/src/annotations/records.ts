import type { DecideEvent, LabelEvent, LabelJournalEvent, SkipEvent } from './event.ts'
import type { Task } from './task.ts'

/** What holds of one sample: each person's last word, in the order in which they first spoke, and what was decided. */
export interface SampleRecord<T extends Task> {
  readonly answers: ReadonlyMap<string, LabelEvent<T> | SkipEvent>
  readonly decision: DecideEvent<T> | undefined
}

interface Mutable<T extends Task> {
  readonly answers: Map<string, LabelEvent<T> | SkipEvent>
  decision: DecideEvent<T> | undefined
}

const nothing: SampleRecord<never> = { answers: new Map(), decision: undefined }

/** What a journal's events amount to. Nothing is forgotten there; here the last word of each person counts. */
export class Records<T extends Task> {
  readonly #bySample = new Map<string, Mutable<T>>()

  apply(event: LabelJournalEvent<T>): void {
    let record = this.#bySample.get(event.sample)
    if (record === undefined) {
      record = { answers: new Map(), decision: undefined }
      this.#bySample.set(event.sample, record)
    }
    if (event.event === 'decide') record.decision = event
    else if (event.event === 'undo') record.answers.delete(event.person)
    else record.answers.set(event.person, event)
  }

  of(sample: string): SampleRecord<T> {
    return this.#bySample.get(sample) ?? nothing
  }

  /** The samples of which anything was said, in the order in which it first was. */
  samples(): IterableIterator<string> {
    return this.#bySample.keys()
  }

  /** The labels of a sample: its answers without those who skipped it. */
  labelsOf(sample: string): readonly LabelEvent<T>[] {
    return [...this.of(sample).answers.values()].filter((answer) => answer.event === 'label')
  }
}
