import { ArgumentError, hostRandom, shuffle } from 'typegrad/core'
import { Learner } from '../active/learner.ts'
import type { UncertaintyMeasure } from '../active/uncertainty.ts'
import { finalValue, isDisputed } from '../agreement/final.ts'
import { checkValue } from '../annotations/check-value.ts'
import type { LabelJournalEvent } from '../annotations/event.ts'
import { Records } from '../annotations/records.ts'
import type { Task, ValueOf } from '../annotations/task.ts'
import { Journal } from '../journal/journal.node.ts'
import type { LabelledSample, LabelOptions, ModelSample } from '../options.ts'
import { Queue } from '../queue/queue.ts'
import type { StoredSample } from '../samples/sample.ts'
import type { Joined, NextSample, Progress, SampleView, Saved } from './protocol.ts'

/** Someone asked for what there is not. */
export class RequestFault extends Error {}

/**
 * The work of a session, whoever asks for it: samples, what is said of them, whose turn it is, and the model beside it. An answer
 * is in memory only once it is on the disk.
 */
export class Work<T extends Task> {
  readonly samples: readonly StoredSample[]
  readonly records = new Records<T>()
  readonly options: LabelOptions<T>
  readonly classes: readonly string[]
  readonly perSample: number
  readonly #journal: Journal<T>
  readonly #queue: Queue
  readonly #learner: Learner<T, ModelSample, LabelledSample<T>> | undefined
  readonly #byId: ReadonlyMap<string, StoredSample>
  #onChange: () => void = () => {}

  private constructor(samples: readonly StoredSample[], options: LabelOptions<T>, journal: Journal<T>) {
    this.samples = samples
    this.options = options
    this.classes = options.classes ?? []
    this.perSample = options.perSample ?? 1
    this.#journal = journal
    this.#byId = new Map(samples.map((sample) => [sample.id, sample]))
    this.#queue = new Queue({
      count: samples.length,
      perSample: this.perSample,
      lendFor: 1000 * (options.lendFor ?? 600),
      now: () => performance.now(),
      hasSpoken: (index, person) => this.records.of(this.#at(index).id).answers.has(person),
      labels: (index) => this.#labelCount(this.#at(index).id),
    })
    this.#learner = this.#makeLearner()
  }

  /** @throws what `Journal.open` throws; ArgumentError for labels of samples that the data lacks, or that have changed. */
  static async open<T extends Task>(
    samples: readonly StoredSample[],
    options: LabelOptions<T>,
  ): Promise<Work<T>> {
    const header = { task: options.task, classes: options.classes ?? [] }
    const { journal, events, cut } = await Journal.open<T>(options.folder, header)
    try {
      const work = new Work(samples, options, journal)
      for (const { event, line } of events) {
        work.#checkKnown(event, `label: ${journal.path}, line ${line}`)
        work.records.apply(event)
      }
      if (cut !== undefined) {
        const notice = `label: ${journal.path}: line ${cut.line} was cut after ${cut.bytes} bytes, and is removed. It was never confirmed to whoever labelled.`
        ;(options.onNotice ?? console.warn)(notice)
      }
      work.#learner?.start()
      return work
    } catch (error) {
      await journal.close()
      throw error
    }
  }

  /** Called after each change of what is labelled. */
  onChange(listener: () => void): void {
    this.#onChange = listener
  }

  join(person: string): Joined<T> {
    checkPerson(person)
    const history = [...this.records.samples()].flatMap((id) => {
      const sample = this.#byId.get(id)
      return sample !== undefined && this.records.of(id).answers.has(person) ? [sample.index] : []
    })
    const { task, title } = this.options
    return { task, classes: this.classes, title: title ?? '', history, ...this.#after(person) }
  }

  next(person: string): Saved<T> {
    checkPerson(person)
    return this.#after(person)
  }

  async save(person: string, index: number, value: unknown, seconds?: number): Promise<Saved<T>> {
    const answer = this.#answer(person, index, value)
    await this.#say({ event: 'label', ...answer, ...(seconds !== undefined && { seconds }) })
    this.#learner?.noticed()
    return this.#after(person)
  }

  async skip(person: string, index: number): Promise<Saved<T>> {
    const { id } = this.#sampleFor(person, index)
    await this.#say({ event: 'skip', sample: id, person, at: new Date().toISOString() })
    return this.#after(person)
  }

  /** Takes back what a person has said of a sample, and gives them the sample as it was. */
  async undo(person: string, index: number): Promise<Saved<T>> {
    const { id } = this.#sampleFor(person, index)
    const view = this.view(index, person)
    if (!this.records.of(id).answers.has(person))
      throw new RequestFault(`${person} has said nothing of sample ${id} that could be taken back`)
    await this.#say({ event: 'undo', sample: id, person, at: new Date().toISOString() })
    return { next: view, progress: this.progress(person) }
  }

  async decide(person: string, index: number, value: unknown): Promise<Saved<T>> {
    await this.#say({ event: 'decide', ...this.#answer(person, index, value) })
    return { next: this.nextDisputed(), progress: this.progress(person) }
  }

  /** What a person says of a sample, as the journal keeps it. @throws ValueFault for a value that is none. */
  #answer(person: string, index: number, value: unknown) {
    const { id, fingerprint: of, text } = this.#sampleFor(person, index)
    return {
      sample: id,
      of,
      person,
      value: checkValue(this.options.task, value, { classes: this.classes, textLength: text?.length }),
      at: new Date().toISOString(),
    }
  }

  /** A sample on which people disagree; from a place on, and around. */
  nextDisputed(from = 0): NextSample<T> {
    const disputed = this.#disputed()
    const next = disputed.find((index) => index >= from) ?? disputed[0]
    return next === undefined ? 'done' : this.view(next)
  }

  /** @param person whose own answer is shown; undefined for whoever decides, who sees everybody's. */
  view(index: number, person?: string): SampleView<T> {
    const { id, medium, text } = this.#sampleAt(index)
    const record = this.records.of(id)
    const proposal = this.#learner?.proposalFor(index)
    const own = person === undefined ? undefined : record.answers.get(person)
    return {
      index,
      id,
      medium,
      ...(text !== undefined && { text }),
      ...(proposal !== undefined && {
        proposal: {
          ...(proposal.value !== undefined && { value: proposal.value }),
          ...(proposal.scores !== undefined && { scores: proposal.scores }),
        },
      }),
      ...(own?.event === 'label' && { own: own.value }),
      ...(person === undefined && {
        answers: this.records.labelsOf(id).map(({ person: name, value }) => ({ person: name, value })),
        ...(record.decision !== undefined && { decision: record.decision.value }),
      }),
    }
  }

  progress(person: string): Progress {
    let [complete, own] = [0, 0]
    for (const id of this.records.samples()) {
      if (this.#labelCount(id) >= this.perSample) complete += 1
      if (this.records.of(id).answers.get(person)?.event === 'label') own += 1
    }
    const status = this.#learner?.status
    return {
      samples: this.samples.length,
      complete,
      own,
      disagreements: this.#disputed().length,
      ...(status !== undefined && {
        model: {
          state: status.state,
          trainedOn: status.trainedOn,
          ...(status.error !== undefined && { error: status.error }),
        },
      }),
    }
  }

  /** Samples with what holds of them, in the order of the data. */
  labelled(disagreements: 'majority' | 'leaveOut' = 'majority'): readonly LabelledSample<T>[] {
    return this.samples.flatMap((sample) => {
      const value = this.finalOf(sample, disagreements)
      return value === undefined ? [] : [{ ...sample, value }]
    })
  }

  finalOf(sample: StoredSample, disagreements: 'majority' | 'leaveOut' = 'majority'): ValueOf<T> | undefined {
    return finalValue(this.options.task, this.records.of(sample.id), disagreements)
  }

  /** Resolves when the model neither learns nor proposes. */
  async idle(): Promise<void> {
    await this.#learner?.idle()
  }

  async close(): Promise<void> {
    await this.#learner?.stop()
    await this.#journal.close()
  }

  async #say(event: LabelJournalEvent<T>): Promise<void> {
    await this.#journal.append(event)
    this.records.apply(event)
    this.#onChange()
  }

  #after(person: string): Saved<T> {
    const next = this.#queue.next(person)
    return {
      next: typeof next === 'string' ? next : this.view(next.sample, person),
      progress: this.progress(person),
    }
  }

  #labelCount(id: string): number {
    let count = 0
    for (const { event } of this.records.of(id).answers.values()) if (event === 'label') count += 1
    return count
  }

  #disputed(): readonly number[] {
    if (this.perSample === 1 && [...this.records.samples()].every((id) => this.#labelCount(id) < 2)) return []
    return [...this.records.samples()]
      .filter((id) => isDisputed(this.options.task, this.records.of(id)))
      .map((id) => this.#byId.get(id)?.index as number)
      .sort((a, b) => a - b)
  }

  #at(index: number): StoredSample {
    return this.samples[index] as StoredSample
  }

  #sampleAt(index: number): StoredSample {
    const sample = this.samples[index]
    if (sample !== undefined) return sample
    throw new RequestFault(`there are samples 0 to ${this.samples.length - 1}, and no ${index}`)
  }

  #sampleFor(person: string, index: number): StoredSample {
    checkPerson(person)
    return this.#sampleAt(index)
  }

  #checkKnown(event: LabelJournalEvent<T>, where: string): void {
    const sample = this.#byId.get(event.sample)
    if (sample !== undefined && (!('of' in event) || event.of === sample.fingerprint)) return
    throw new ArgumentError({
      where,
      expected: 'a label of one of the samples that are to be labelled',
      received:
        sample === undefined
          ? `one of sample '${event.sample}', which there is not`
          : `one of sample '${event.sample}' when it held something else`,
      fix: 'The folder has labels of other data: take another folder, or the data that it was begun with. Samples may be added; ids keep apart what changes places.',
    })
  }

  #makeLearner(): Learner<T, ModelSample, LabelledSample<T>> | undefined {
    const { options } = this
    const { propose, order = propose === undefined ? 'given' : 'leastConfidence' } = options
    const below = hostRandom(options.seed ?? 0)
    if (order === 'random') this.#queue.prefer(shuffle(Array.from(this.samples.keys()), below))
    if (propose === undefined) return undefined
    const measure: UncertaintyMeasure = order === 'given' || order === 'random' ? 'leastConfidence' : order
    return new Learner<T, ModelSample, LabelledSample<T>>({
      task: options.task,
      classes: this.classes,
      measure,
      diversity: options.diversity ?? false,
      retrainEvery: options.retrainEvery ?? 20,
      pool: options.pool ?? 2000,
      train: options.train,
      propose,
      labelled: () => this.labelled(),
      open: () =>
        this.samples.filter(({ id }) => this.#labelCount(id) < this.perSample).map(({ index }) => index),
      sample: (index) => this.#at(index),
      textLength: (index) => this.#at(index).text?.length,
      prefer: (places) => {
        if (measure === order) this.#queue.prefer(places)
      },
      below,
    })
  }
}

/** Letters of a person's name; a line of the journal has it each time. */
const longestName = 64

function checkPerson(person: string): void {
  const isName = person.trim() === person && person !== '' && person.length <= longestName
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (isName && !/[\u0000-\u001f\u007f]/.test(person)) return
  throw new RequestFault(`a name has 1 to ${longestName} letters, and no spaces around it`)
}
