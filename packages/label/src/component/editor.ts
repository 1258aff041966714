import type { Task, ValueOf } from '../annotations/task.ts'
import type { SampleView } from '../server/protocol.ts'
import type { Language } from './language.ts'

/** What an editor is given, and tells. */
export interface EditorProps<T extends Task> {
  readonly sample: SampleView<T>
  readonly classes: readonly string[]
  readonly value: ValueOf<T> | undefined
  /** Whether the value is the model's, and nobody's yet. */
  readonly isProposed: boolean
  readonly words: Language
  /** The address of the sample's file. */
  readonly file: string | undefined
  /** Takes another value; what stood there before can be had again. */
  readonly onChange: (value: ValueOf<T>) => void
  /** Says what the value is where nothing is done: no boxes on a picture of that size. */
  readonly onBegin: (value: ValueOf<T>) => void
  /** Saves a value, and goes on. */
  readonly onSave: (value: ValueOf<T>) => void
  /** Takes what the editor does with keys; it returns whether it has used one. */
  readonly takeKeys: (use: ((event: KeyboardEvent) => boolean) | undefined) => void
}
