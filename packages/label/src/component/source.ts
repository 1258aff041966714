/**
 * `component/`: what people label with, to be put into any page: an editor for each task, keys, and words in two languages. It knows
 * answers and what a server says of samples, and no server: samples come from a source.
 */
import type { Medium, Task, ValueOf } from '../annotations/task.ts'
import type { NextSample, Progress, SampleView } from '../server/protocol.ts'

/** What to show next, and how far the work is. */
export interface Turn<T extends Task = Task> {
  readonly next: NextSample<T>
  readonly progress: Progress
}

/** Where samples come from and answers go. What it returns has happened: an answer that is not kept is an error. */
export interface LabelSource<T extends Task = Task> {
  readonly task: T
  readonly classes: readonly string[]
  readonly title: string
  /** Places of the samples that were answered before, for going back. */
  readonly history: readonly number[]
  next(): Promise<Turn<T>>
  /** A sample by its place. */
  view(index: number): Promise<Turn<T>>
  save(index: number, value: ValueOf<T>, seconds: number): Promise<Turn<T>>
  skip(index: number): Promise<Turn<T>>
  undo(index: number): Promise<Turn<T>>
  /** How far the work is by now, with what others and the model do. */
  look?(): Promise<Progress>
  /** The address of a sample's picture or sound. */
  file(index: number): Promise<string>
  /** Samples on which people disagree; a source of one person has none. */
  readonly disputes?: {
    next(from: number): Promise<Turn<T>>
    decide(index: number, value: ValueOf<T>): Promise<Turn<T>>
  }
}

/** A sample of a page's own. */
export interface ComponentSample<T extends Task = Task> {
  readonly id?: string
  readonly text?: string
  /** The address of a picture, or its bytes. */
  readonly image?: string | Blob
  readonly sound?: string | Blob
  /** What a model proposes: an answer, probabilities of the classes, or both. */
  readonly proposal?: { readonly value?: ValueOf<T>; readonly scores?: readonly number[] }
}

export interface ListOptions<T extends Task> {
  readonly task: T
  readonly classes?: readonly string[]
  readonly title?: string
  readonly samples: readonly ComponentSample<T>[]
  readonly onLabel: (sample: ComponentSample<T>, value: ValueOf<T>) => void | Promise<void>
  readonly onSkip?: (sample: ComponentSample<T>) => void | Promise<void>
  readonly onUndo?: (sample: ComponentSample<T>) => void | Promise<void>
}

/** A source of a list in memory, for one person. */
export function listSource<T extends Task>(options: ListOptions<T>): LabelSource<T> {
  const { task, classes = [], title = '', samples, onLabel, onSkip, onUndo } = options
  const said = new Map<number, { readonly value?: ValueOf<T> }>()
  const addresses = new Map<number, string>()
  const at = (index: number): ComponentSample<T> => {
    const sample = samples[index]
    if (sample === undefined)
      throw new Error(`mountLabelling: expected a sample 0 to ${samples.length - 1}, received ${index}.`)
    return sample
  }
  const view = (index: number): SampleView<T> => {
    const sample = at(index)
    const medium: Medium = sample.text !== undefined ? 'text' : sample.image !== undefined ? 'image' : 'sound'
    const own = said.get(index)?.value
    return {
      index,
      id: sample.id ?? String(index),
      medium,
      ...(sample.text !== undefined && { text: sample.text }),
      ...(sample.proposal !== undefined && { proposal: sample.proposal }),
      ...(own !== undefined && { own }),
    }
  }
  const turn = (next?: NextSample<T>): Turn<T> => {
    const open = samples.findIndex((_, i) => !said.has(i))
    const complete = [...said.values()].filter(({ value }) => value !== undefined).length
    return {
      next: next ?? (open < 0 ? 'done' : view(open)),
      progress: { samples: samples.length, complete, own: complete, disagreements: 0 },
    }
  }
  return {
    task,
    classes,
    title,
    history: [],
    next: async () => turn(),
    view: async (index) => turn(view(index)),
    async save(index, value) {
      await onLabel(at(index), value)
      said.set(index, { value })
      return turn()
    },
    async skip(index) {
      await onSkip?.(at(index))
      said.set(index, {})
      return turn()
    },
    async undo(index) {
      const before = view(index)
      await onUndo?.(at(index))
      said.delete(index)
      return turn(before)
    },
    async file(index) {
      const { image, sound } = at(index)
      const content = image ?? sound ?? ''
      if (typeof content === 'string') return content
      const address = addresses.get(index) ?? URL.createObjectURL(content)
      addresses.set(index, address)
      return address
    },
  }
}
