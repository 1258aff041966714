import type { Task, ValueOf } from './task.ts'

/** What all events say: of which sample, by whom, and when (ISO 8601). */
interface Said {
  readonly sample: string
  readonly person: string
  readonly at: string
}

/** A person's answer. A later one of the same person on the same sample takes its place. */
export interface LabelEvent<T extends Task = Task> extends Said {
  readonly event: 'label'
  readonly value: ValueOf<T>
  /** What the sample held, as a fingerprint: so that labels are not given to something else. */
  readonly of: string
  /** Seconds that the person took, if the page knows. */
  readonly seconds?: number
}

/** Which of several answers holds, or another one: said by whoever decides where people disagree. */
export interface DecideEvent<T extends Task = Task> extends Said {
  readonly event: 'decide'
  readonly value: ValueOf<T>
  readonly of: string
}

/** The person does not want to answer. */
export interface SkipEvent extends Said {
  readonly event: 'skip'
}

/** The person's answer, or skip, is taken back. */
export interface UndoEvent extends Said {
  readonly event: 'undo'
}

/** A line of the journal, behind the first. */
export type LabelJournalEvent<T extends Task = Task> = LabelEvent<T> | DecideEvent<T> | SkipEvent | UndoEvent
