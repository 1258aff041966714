/**
 * `server/`: a session of labelling on the disk, and the server that a page talks to. The types here are what the two say to each
 * other; the page knows nothing else of this folder.
 */
import type { Medium, Task, ValueOf } from '../annotations/task.ts'

/** What a page is told of a sample; its file is fetched by its place. */
export interface SampleView<T extends Task = Task> {
  readonly index: number
  readonly id: string
  readonly medium: Medium
  readonly text?: string
  /** What the model proposes. */
  readonly proposal?: { readonly value?: ValueOf<T>; readonly scores?: readonly number[] }
  /** What this person has said before. */
  readonly own?: ValueOf<T>
  /** What people have said, for whoever decides between them. */
  readonly answers?: readonly { readonly person: string; readonly value: ValueOf<T> }[]
  /** What was decided before. */
  readonly decision?: ValueOf<T>
}

export interface Progress {
  readonly samples: number
  /** Samples that have as many labels as they are to have. */
  readonly complete: number
  /** Labels of this person. */
  readonly own: number
  /** Samples on which people disagree and nobody has decided. */
  readonly disagreements: number
  readonly model?: {
    readonly state: 'waiting' | 'training' | 'proposing' | 'ready' | 'failed'
    readonly trainedOn: number
    readonly error?: string
  }
}

/** What is to be done next. */
export type NextSample<T extends Task = Task> = SampleView<T> | 'waiting' | 'done'

export interface Joined<T extends Task = Task> {
  readonly task: T
  readonly classes: readonly string[]
  readonly title: string
  readonly next: NextSample<T>
  readonly progress: Progress
  /** Places of the samples that this person has answered, in their order. */
  readonly history: readonly number[]
}

export interface Saved<T extends Task = Task> {
  readonly next: NextSample<T>
  readonly progress: Progress
}
