import { h, render } from 'preact'
import type { Task } from '../annotations/task.ts'
import { App, type AppProps } from './app.tsx'
import { languageOf } from './language.ts'
import { type LabelSource, type ListOptions, listSource } from './source.ts'
import { addStyle } from './style.ts'

export type { Box, Boxes, Span, Task, ValueOf, Values } from '../annotations/task.ts'
export type { NextSample, Progress, SampleView } from '../server/protocol.ts'
export type { ComponentSample, LabelSource, ListOptions, Turn } from './source.ts'

export interface MountOptions {
  /** A language tag: Chinese for all that begins with `zh`, else English. Default: the browser's. */
  readonly language?: string
  /** Where keys are listened to: `document` for a page that does nothing else. Default: the element, while it has the focus. */
  readonly keyTarget?: EventTarget
}

/** A component that is mounted. */
export interface MountedLabelling {
  /** Takes it out of the page. */
  unmount(): void
}

/**
 * Puts labelling into an element of any page, without a server: samples are a list, or come from a source of your own, and what
 * is labelled is given to a function. The next sample is shown once that has resolved; if it rejects, the page says so and the sample
 * stays.
 *
 * @param element what it fills; what was in it is removed.
 * @example
 * mountLabelling(document.querySelector('#label'), {
 *   task: 'class',
 *   classes: ['cat', 'dog'],
 *   samples: [{ image: '/1.jpg' }, { image: '/2.jpg' }],
 *   onLabel: (sample, value) => fetch('/labels', { method: 'POST', body: JSON.stringify({ id: sample.id, value }) }),
 * })
 */
export function mountLabelling<T extends Task>(
  element: Element,
  options: (ListOptions<T> | { readonly source: LabelSource<T> }) & MountOptions,
): MountedLabelling {
  const source = 'source' in options ? options.source : listSource(options)
  addStyle(element.ownerDocument)
  const props: AppProps<T> = {
    source,
    words: languageOf(options.language ?? navigator.language),
    keyTarget: options.keyTarget,
  }
  render(h(App<T>, props), element)
  return { unmount: () => render(null, element) }
}
