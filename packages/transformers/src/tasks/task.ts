/**
 * `tasks/`: what models are trained for: the rows of a task's data, how they become batches, the loss, the metrics and the
 * scores. It knows `tokenizers/`, `adapters/`, `align/`, `checkpoint/`, `layers/`, `pipelines/` and `base/`; `finetune/` trains by it.
 */
import type { CompileOptions, Model, Prediction, StreamedBatch } from 'typegrad'

/** A model that `fit` can train. */
export type TrainableModel = Model<Prediction>

/** Scores by name, such as `{ accuracy: 0.91, f1: 0.9 }`. */
export type Scores = Readonly<Record<string, number>>

/** What a task makes of a row. */
export interface EncodedRow<Example> {
  /** Mostly one; several for a document that is cut into windows; none for a row that there is nothing to learn from. */
  readonly examples: readonly Example[]
  /** How many tokens the row has where the model reads fewer: they were cut off, or would have to be. */
  readonly tooLong?: number | undefined
}

/** A row with its examples. */
export interface EncodedSample<Row, Example> extends EncodedRow<Example> {
  readonly row: Row
}

export interface EvaluateTaskOptions {
  /** Examples that run at once. */
  readonly batchSize: number
  readonly signal?: AbortSignal | undefined
}

/**
 * A task for one model.
 *
 * @typeParam Row what the data consists of, such as `{ text, label }`.
 * @typeParam Example what a batch is made of: a row as numbers. Whatever the task likes.
 */
export interface PreparedTask<Row, Example> {
  /**
   * What `fit` trains: the model itself, or one around its network that shares its weights, where the task needs other
   * inputs or outputs, or steps of its own.
   */
  readonly trained: TrainableModel
  /** What `trained` is compiled with beside the optimizer. */
  readonly compile: Pick<CompileOptions, 'loss' | 'lossWeights' | 'metrics' | 'weightedMetrics'>
  /** How many tokens an example may have, for errors; undefined where there is no limit. */
  readonly longest: number | undefined
  /** Whether rows that are too long are cut, rather than refused. */
  readonly truncates: boolean
  /**
   * Checks a row as it came, of any type, and makes it numbers. Synchronous: rows are encoded in slices of time.
   *
   * @throws RowFault saying what is wrong with it. All faults of the data are told at once, before the first step.
   */
  encode(row: unknown): EncodedRow<Example> & { readonly row: Row }
  /**
   * What is known of examples only once all of them are: what a reference takes them for, which of them go together. Called
   * before the model is changed, for the rows to train on and for those to validate on. As many come back, in their order. Tasks
   * that have it take no streams.
   */
  complete?(examples: readonly Example[], batchSize: number): Promise<readonly Example[]>
  /** Puts examples of all rows together, such as short texts into blocks of one length. Default: they stay as they are. */
  pack?(examples: readonly Example[]): readonly Example[]
  /**
   * Which examples of an epoch, in its order, make a batch, for tasks whose examples do not all go together: of n examples
   * ⌈n / batchSize⌉ batches. Default: as they come. Streams are batched as they come.
   */
  batches?(examples: readonly Example[], batchSize: number): readonly (readonly Example[])[]
  /** How many tokens a batch is filled up to for this example, where batches are of similar lengths. Default: it cannot be said. */
  lengthOf?(example: Example): number
  /**
   * A batch as `fit` takes it from a stream. Lengths are rounded up to one of few (`roundedLength`), since each is a program
   * of its own.
   */
  collate(examples: readonly Example[]): StreamedBatch
  /** What is worth knowing of the trained model on rows that it has not seen. Default: loss and metrics of `compile`. */
  evaluate?(samples: readonly EncodedSample<Row, Example>[], options: EvaluateTaskOptions): Promise<Scores>
}

/**
 * What a model is trained for. Tasks are made by functions, such as `tasks.sequenceClassification({ tokenizer })`; one of your
 * own is an object with these two members.
 *
 * @typeParam M the models that it is for.
 */
export interface Task<Row, Example, M extends TrainableModel> {
  /** For errors, such as `'sequence classification'`. */
  readonly name: string
  /**
   * The task for a model. Called once, before anything is read.
   *
   * @throws ArgumentError for a model that cannot do it, such as one with another head.
   */
  prepare(model: M): PreparedTask<Row, Example>
}

/** What is wrong with a row: "expected …, received …". The caller knows which row it is. */
export class RowFault extends Error {
  readonly expected: string
  readonly received: string

  constructor(expected: string, received: string) {
    super(`expected ${expected}, received ${received}`)
    this.name = 'RowFault'
    this.expected = expected
    this.received = received
  }
}
