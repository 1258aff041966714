import { basename, resolve } from 'node:path'
import { type Agreement, agreementOf } from '../agreement/summary.ts'
import type { LabelEvent } from '../annotations/event.ts'
import type { Task } from '../annotations/task.ts'
import { type ExportOptions, exportLabels } from '../export/export.node.ts'
import { type LabelRow, rowsOf } from '../export/rows.ts'
import type { LabelledSample, LabelOptions } from '../options.ts'
import { collectSamples } from '../samples/collect.node.ts'
import type { LabelData } from '../samples/sample.ts'
import type { Progress } from './protocol.ts'
import { type Served, serve } from './serve.node.ts'
import { Work } from './work.node.ts'

/** What happens to disputed samples in what is read out. */
export interface ResultOptions {
  /**
   * Of samples on which people disagree and nobody has decided: what more than half of them say (`'majority'`), or nothing
   * (`'leaveOut'`). Default `'majority'`.
   */
  readonly disagreements?: 'majority' | 'leaveOut'
}

/** A session of labelling: a page that is open for people, and what they have said so far. */
export class LabelSession<T extends Task = Task> {
  /** Where the page is, with a token in it: it is all that a person needs to label. */
  readonly url: string
  readonly #work: Work<T>
  readonly #served: Served
  readonly #finished: Promise<void>
  #finish: () => void = () => {}

  /** Made by `label`. */
  constructor(work: Work<T>, served: Served) {
    this.#work = work
    this.#served = served
    this.url = served.url
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve
    })
    const look = (): void => {
      if (this.isComplete) this.#finish()
    }
    work.onChange(look)
    look()
  }

  /** How far it is. `own` counts nobody's. */
  get progress(): Progress {
    return this.#work.progress('')
  }

  get isComplete(): boolean {
    const { complete, samples } = this.progress
    return complete === samples
  }

  /** Resolves when each sample has as many labels as it is to have, or the session is closed. */
  get finished(): Promise<void> {
    return this.#finished
  }

  /** What each person has said last of each sample, skips left out, in the order of the samples. */
  answers(): readonly LabelEvent<T>[] {
    return this.#work.samples.flatMap(({ id }) => this.#work.records.labelsOf(id))
  }

  /** The samples that have labels, each with what holds of it: decided, said by all, or by most. */
  labelled({ disagreements = 'majority' }: ResultOptions = {}): readonly LabelledSample<T>[] {
    return this.#work.labelled(disagreements)
  }

  /**
   * Rows as the tasks of `finetune` take them: `{ text, label }`, `{ text, labels }`, of spans `{ tokens, labels }` in IOB2; of
   * pictures and sounds with their paths.
   */
  rows(options: ResultOptions = {}): readonly LabelRow[] {
    return rowsOf(this.#work.options.task, this.labelled(options))
  }

  /** How far people agree: κ, α or F1, as the task has it. */
  agreement(): Agreement {
    const { samples, records, options, classes } = this.#work
    return agreementOf(
      options.task,
      classes,
      samples.map(({ id }) => records.labelsOf(id)),
    )
  }

  /**
   * Writes what holds of the samples into a file, whole or not at all: JSON Lines (rows, with ids), COCO (boxes) or CoNLL (spans, IOB2).
   *
   * @throws ArgumentError for a format that the task does not have.
   */
  async export(path: string, options: ExportOptions = {}): Promise<void> {
    const { task, title } = this.#work.options
    const labelled = this.labelled(options)
    await exportLabels(path, { task, classes: this.#work.classes, title: title ?? '', labelled }, options)
  }

  /** Resolves when the model neither learns nor proposes. */
  async modelIdle(): Promise<void> {
    await this.#work.idle()
  }

  /** Ends the page, waits for what is being written, and gives the folder back. */
  async close(): Promise<void> {
    await this.#served.close()
    await this.#work.close()
    this.#finish()
  }
}

/** Opens a session; see `label`. */
export async function openSession<T extends Task>(
  data: LabelData,
  options: LabelOptions<T>,
): Promise<LabelSession<T>> {
  const samples = await collectSamples(data, {
    task: options.task,
    columns: options.columns ?? {},
    root: options.root ?? '.',
    maxFileBytes: options.maxFileBytes ?? 64 << 20,
  })
  const title = options.title ?? basename(resolve(options.folder))
  const work = await Work.open(samples, { ...options, title })
  try {
    const { host = '127.0.0.1', port = 0 } = options
    const session = new LabelSession(work, await serve(work, { host, port }))
    options.signal?.addEventListener('abort', () => void session.close(), { once: true })
    return session
  } catch (error) {
    await work.close()
    throw error
  }
}
