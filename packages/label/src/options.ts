import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Proposal } from './active/proposal.ts'
import type { UncertaintyMeasure } from './active/uncertainty.ts'
import type { LabelEvent } from './annotations/event.ts'
import { type Task, tasks } from './annotations/task.ts'
import type { SampleColumns } from './samples/collect.node.ts'
import type { StoredSample } from './samples/sample.ts'

/** What a model is given of a sample. */
export type ModelSample = Pick<StoredSample, 'index' | 'id' | 'medium' | 'text' | 'path' | 'read' | 'row'>

/** A sample with what holds of it. */
export interface LabelledSample<T extends Task = Task> extends ModelSample {
  readonly value: LabelEvent<T>['value']
}

export interface LabelOptions<T extends Task = Task> {
  /** What is asked: `'class'`, `'classes'` (any number of them), `'boxes'`, `'spans'` or `'transcript'`. */
  readonly task: T
  /** Where labels are kept: a folder that is made, or one with labels of these samples. */
  readonly folder: string
  /** Names of the classes, in the order of their keys. Default: none, which only transcripts do without. */
  readonly classes?: readonly string[]
  /** What the page is called. Default: the folder's name. */
  readonly title?: string
  /** Default 0: a free one. */
  readonly port?: number
  /**
   * The address that is listened to. Default `'127.0.0.1'`: this machine alone. With `'0.0.0.0'` everyone who has the session's `url`
   * can label from other machines.
   */
  readonly host?: string
  /** How many people are to label each sample. Default 1. */
  readonly perSample?: number
  /** Seconds for which a sample is lent to a person, before others get it. Default 600. */
  readonly lendFor?: number
  /**
   * In which order samples are labelled: that of the data, a random one, or by how unsure the model is. Default:
   * `'leastConfidence'` with `propose`, `'given'` without.
   */
  readonly order?: 'given' | 'random' | UncertaintyMeasure
  /** Whether samples between two trainings are also to be unlike each other, by the proposals' embeddings. Default false. */
  readonly diversity?: boolean
  /** Called with all labels so far when enough are new. Whatever it returns is waited for. Default: the model is not trained. */
  readonly train?: (labelled: readonly LabelledSample<T>[], signal: AbortSignal) => unknown
  /** What the model says of samples, one proposal for each. Called at the beginning, or after each training. Default: nothing is proposed. */
  readonly propose?: (
    samples: readonly ModelSample[],
    signal: AbortSignal,
  ) => readonly Proposal<T>[] | PromiseLike<readonly Proposal<T>[]>
  /** New labels between two trainings. Default 20. */
  readonly retrainEvery?: number
  /** The most samples that are proposed for at once; of more, a random part. Default 2000. */
  readonly pool?: number
  /** Makes what is random a function of this number. Default 0. */
  readonly seed?: number
  /** Names of the data's columns, where they are not `id`, `text`, `image` and `sound`. */
  readonly columns?: SampleColumns
  /** The folder that files' paths are relative to, and out of which none may lead. Default: the working folder. */
  readonly root?: string
  /** Bytes of the largest picture or sound. Default 64 MiB. */
  readonly maxFileBytes?: number
  /** Told what is not worth an error: a last line that a crash has cut. Default `console.warn`. */
  readonly onNotice?: (text: string) => void
  /** Closes the session. */
  readonly signal?: AbortSignal
}

export const labelChecks = optionsOf<LabelOptions>()({
  task: checks.needed(checks.oneOf(...tasks)),
  folder: checks.needed(checks.path),
  classes: checks.list,
  title: checks.string,
  port: checks.wholeFrom(0),
  host: checks.string,
  perSample: checks.count,
  lendFor: checks.positive,
  order: checks.oneOf('given', 'random', 'leastConfidence', 'margin', 'entropy'),
  diversity: checks.boolean,
  train: checks.func,
  propose: checks.func,
  retrainEvery: checks.count,
  pool: checks.count,
  seed: checks.number,
  columns: checks.anything,
  root: checks.path,
  maxFileBytes: checks.count,
  onNotice: checks.func,
  signal: checks.abortSignal,
})
