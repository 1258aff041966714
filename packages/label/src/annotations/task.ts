/**
 * `annotations/`: what people say of samples, and what is made of it when several have said something. It knows no files, no
 * server and no page, and runs in browsers too.
 */

/** What is asked of each sample: one class, any number of classes, boxes on a picture, spans of a text, or what a sound says. */
export type Task = 'class' | 'classes' | 'boxes' | 'spans' | 'transcript'

/** A rectangle on a picture, in its pixels, from the left and the top. */
export interface Box {
  readonly class: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The boxes of a picture, and its size in pixels as it is shown: turned as its EXIF says. */
export interface Boxes {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
}

/** A part of a text: characters `start` to `end` (which is no longer part of it), counted as JavaScript counts (UTF-16). */
export interface Span {
  readonly class: string
  readonly start: number
  readonly end: number
}

/** What an answer is, by task. */
export interface Values {
  readonly class: string
  readonly classes: readonly string[]
  readonly boxes: Boxes
  /** In the text's order, none of which overlap. */
  readonly spans: readonly Span[]
  readonly transcript: string
}

export type ValueOf<T extends Task> = Values[T]

/** What a sample is. */
export type Medium = 'text' | 'image' | 'sound'

/** What samples a task takes. */
export const mediaOf = {
  class: ['text', 'image', 'sound'],
  classes: ['text', 'image', 'sound'],
  boxes: ['image'],
  spans: ['text'],
  transcript: ['sound', 'image'],
} as const satisfies Readonly<Record<Task, readonly Medium[]>>

export const tasks = Object.keys(mediaOf) as readonly Task[]
