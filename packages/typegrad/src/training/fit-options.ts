import { abortSignal, anything, boolean, list, numeric, oneOf, optionsOf, without } from '../base/options.ts'
import type { Structured } from '../base/structured.ts'
import type { Callback } from '../callbacks/callback.ts'
import type { ArrayData } from '../data/host-array.ts'

/**
 * Data of a model with one input, or those of several, in a list or by the inputs' names. Steps of a model's own may be
 * given lists and objects as deep as they like.
 */
export type Data = Structured<ArrayData | TextData> | { readonly [name: string]: Data } | readonly Data[]

/** Strings in nested arrays, for an input of strings. */
export type TextData = readonly (string | TextData)[]

/** Weights of samples: one number a sample, for all outputs or, by name, for each (1 where one has none). */
export type SampleWeights = ArrayData | Readonly<Record<string, ArrayData>>

/**
 * One batch of a stream: inputs, labels and, if there are any, weights of the samples. Only a model with a
 * `trainStep` of its own can do without labels.
 */
export type StreamedBatch = readonly [x: Data, y?: Data | null, sampleWeight?: SampleWeights | undefined]

/**
 * Batches that the caller's code makes: a data set, an asynchronous source, a generator (which can be read only once), or
 * the function that makes a generator anew for each epoch.
 */
export type BatchStream = BatchIterable | (() => BatchIterable)

type BatchIterable = AsyncIterable<StreamedBatch> | Iterable<StreamedBatch>

/**
 * Batches of inputs that the caller's code makes, in the forms of a {@link BatchStream}. Batches `[x, y]` of tensors, as
 * `evaluate` takes them, are understood too: their labels are left aside.
 */
export type SampleStream = SampleIterable | (() => SampleIterable)

type SampleIterable = AsyncIterable<Data | StreamedBatch> | Iterable<Data | StreamedBatch>

export interface EvaluateOptions {
  /** Samples a batch. Default 32, or all where there are fewer. Not for streams, whose batches are made already. */
  readonly batchSize?: number
  /** How much each sample counts. Default: all the same. */
  readonly sampleWeight?: SampleWeights
  /** 0: nothing, 1: a bar on a terminal, 2: a line. Default 1. */
  readonly verbose?: 0 | 1 | 2
  /** Batches to draw from a stream. Default: until it ends. */
  readonly steps?: number
  /** What else happens at each moment. Default none. */
  readonly callbacks?: readonly Callback[]
  /** Ends the work after the current batch. Default none. */
  readonly signal?: AbortSignal
  /** Whether NaN in the data is meant. Default false: it is refused. */
  readonly allowNaN?: boolean
  /**
   * Whether sequences are made as long as the next of few lengths (8, 16, 24, … 64, 80, …; in `fit`, of streams), so that
   * the model is compiled for these alone. It happens only where an input's length is open and masks (`maskZero`, `masking`)
   * keep the new steps out of every result, which stays the same but for rounding. Default true.
   */
  readonly padLengths?: boolean
}

export interface PredictOptions {
  /** Samples that run at once. Default 32. Not for streams, whose batches are made already. */
  readonly batchSize?: number
  /** Batches to predict. Default: all there are. */
  readonly steps?: number
  /** What else happens at each moment. Default none. */
  readonly callbacks?: readonly Callback[]
  /** Ends the work after the current batch: `predict` then throws the signal's reason. Default none. */
  readonly signal?: AbortSignal
  /** Whether NaN in the data is meant. Default false: it is refused. */
  readonly allowNaN?: boolean
  /**
   * Whether sequences are made as long as the next of few lengths (8, 16, 24, … 64, 80, …), so that
   * the model is compiled for these alone. It happens only where an input's length is open and masks (`maskZero`, `masking`)
   * keep the new steps out of every result, which stays the same but for rounding. Default true.
   */
  readonly padLengths?: boolean
}

export interface FitOptions extends Omit<EvaluateOptions, 'steps'> {
  /** Passes over the data. Default 1. */
  readonly epochs?: number
  /** The first epoch's number, when an earlier training goes on. Default 0. */
  readonly initialEpoch?: number
  /** The share of the samples, taken from their end, that the model is evaluated on and does not learn from. Default 0. */
  readonly validationSplit?: number
  /** Samples that the model is evaluated on after each epoch; takes precedence over `validationSplit`. Default none. */
  readonly validationData?: readonly [x: Data, y: Data, sampleWeight?: SampleWeights] | BatchStream
  /** Whether each epoch has its own order. Default true; not for streams. */
  readonly shuffle?: boolean
  /** How much the samples of each class count, by label; not in validation. Default 1 for each class. */
  readonly classWeight?: Readonly<Record<number, number>>
  /** Batches an epoch. Default: all there are. */
  readonly stepsPerEpoch?: number
  /** Samples a batch in validation. Default: batchSize. */
  readonly validationBatchSize?: number
  /** Batches to draw from a validation stream. Default: all there are. */
  readonly validationSteps?: number
}

export const evaluateChecks = optionsOf<EvaluateOptions>()({
  batchSize: numeric,
  sampleWeight: anything,
  verbose: oneOf(0, 1, 2),
  steps: numeric,
  callbacks: list,
  signal: abortSignal,
  allowNaN: boolean,
  padLengths: boolean,
})

export const predictChecks = optionsOf<PredictOptions>()({
  batchSize: numeric,
  steps: numeric,
  callbacks: list,
  signal: abortSignal,
  allowNaN: boolean,
  padLengths: boolean,
})

export const fitChecks = optionsOf<FitOptions>()({
  epochs: numeric,
  ...without(evaluateChecks, 'steps'),
  initialEpoch: numeric,
  validationSplit: numeric,
  validationData: anything,
  shuffle: boolean,
  classWeight: anything,
  stepsPerEpoch: numeric,
  validationBatchSize: numeric,
  validationSteps: numeric,
})

/** Options of a call on one batch. */
export interface OnBatchOptions {
  /** How much each sample counts. Default: all the same. */
  readonly sampleWeight?: SampleWeights
}

export const onBatchChecks = optionsOf<OnBatchOptions>()({ sampleWeight: anything })

/** Samples in memory, with their labels and weights, or a stream of such batches. */
export type TrainingData = StreamedBatch | BatchStream
