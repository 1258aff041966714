/**
 * `samples/`: what is to be labelled: rows of any origin as texts, pictures and sounds with an identity each. It knows nothing of
 * labels.
 */
import type { Medium } from '../annotations/task.ts'

/** A file's path, its bytes, or a cell of a data set that has either. */
export type FileLike =
  | string
  | Uint8Array
  | Blob
  | { readonly bytes: Uint8Array | null; readonly path: string | null }

/** Something to label: a text, a picture or a sound. Other fields are ignored; a field that is null is not there. */
export interface SampleRow {
  /** What the sample is called in all that is written. Default: its place in the data, from 0 on. */
  readonly id?: string | number | bigint | null | undefined
  readonly text?: string | null | undefined
  /** PNG, JPEG, GIF, WebP, AVIF or BMP. */
  readonly image?: FileLike | null | undefined
  /** WAV, MP3, Ogg, FLAC, M4A or WebM. */
  readonly sound?: FileLike | null | undefined
}

/** Rows of a sample each; a string is a text (of boxes and transcripts, a file's path), bytes are a picture or a sound. */
export type LabelData =
  | Iterable<SampleRow | FileLike>
  | AsyncIterable<SampleRow | FileLike>
  // Rows of data sets, whose columns only their files know.
  | AsyncIterable<{ readonly [column: string]: unknown }>

/** A file as a page gets it. */
export interface SampleFile {
  readonly bytes: Uint8Array
  /** Its media type, found in its bytes: `image/png`. */
  readonly type: string
}

/** A sample that was checked. */
export interface StoredSample {
  /** Its place in the data. */
  readonly index: number
  readonly id: string
  readonly medium: Medium
  /** Of what the sample holds: the text or bytes, of a file its name and length. */
  readonly fingerprint: string
  /** The text; undefined for pictures and sounds. */
  readonly text: string | undefined
  /** The file's path as it was given, if it has one. */
  readonly path: string | undefined
  /** Reads the file; of a text there is none. */
  readonly read: (() => Promise<SampleFile>) | undefined
  /** The row as it came. */
  readonly row: unknown
}
