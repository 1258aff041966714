import type { Box, Span, Task, Values } from '../annotations/task.ts'
import type { LabelledSample } from '../options.ts'
import { iob2 } from './words.ts'

/** A labelled sample as a row. */
export interface LabelRow {
  readonly id: string
  readonly text?: string
  /** The path of a picture; without one, its bytes were given. */
  readonly image?: string
  readonly sound?: string
  /** Of `class`. */
  readonly label?: string
  /** Of `classes`; of `spans` a label for each word, in IOB2. */
  readonly labels?: readonly string[]
  /** Of `spans`: words and punctuation marks. */
  readonly tokens?: readonly string[]
  readonly spans?: readonly Span[]
  readonly boxes?: readonly Box[]
  /** Of `boxes`: the picture's size in pixels. */
  readonly width?: number
  readonly height?: number
  readonly transcript?: string
}

const fields: { readonly [T in Task]: (value: Values[T], text: string) => Omit<LabelRow, 'id'> } = {
  class: (label) => ({ label }),
  classes: (labels) => ({ labels }),
  boxes: ({ width, height, boxes }) => ({ width, height, boxes }),
  spans: (spans, text) => ({ spans, ...iob2(text, spans) }),
  transcript: (transcript) => ({ transcript }),
}

/** Rows in the order of the samples. */
export function rowsOf<T extends Task>(task: T, labelled: readonly LabelledSample<T>[]): readonly LabelRow[] {
  return labelled.map(({ id, medium, text, path, value }) => ({
    id,
    ...(text !== undefined && { text }),
    ...(path !== undefined && { [medium]: path }),
    ...fields[task](value, text ?? ''),
  }))
}
