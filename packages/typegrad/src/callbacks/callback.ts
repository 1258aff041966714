import type { LayerGraph } from '../layers/base/layer-graph.ts'
import type { Optimizer } from '../optimizers/index.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'

/** Means over an epoch (so far), by name: `loss`, `accuracy`, `val_loss`, … as Keras calls them. */
export type Logs = Readonly<Record<string, number>>

/** The logs of an epoch, as callbacks hand them on: what one adds, the next ones and the history have too. */
export type EpochLogs = Record<string, number>

/** What a training needs beside the model to go on as if it had not stopped: JSON, and tensors by name. */
export interface TrainingState {
  readonly extra: unknown
  readonly tensors: Readonly<Record<string, Tensor>>
}

/** Where a training stands beside what its model knows: enough to go on from there. */
export interface TrainingPosition {
  /** Number of epochs that are done. */
  readonly epoch: number
  /** Number of batches of the next epoch that are done. Default 0. */
  readonly batch?: number
  /** What `fit` knows of its data and of the epoch that is under way; JSON. */
  readonly state?: unknown
  /** What metrics have gathered in that epoch, by name. */
  readonly tensors?: Readonly<Record<string, Tensor>>
}

/** What callbacks see of the model that is trained. */
export interface TrainedModel {
  readonly name: string
  readonly optimizer: Optimizer
  /** Set it to end the training after the current batch. */
  stopTraining: boolean
  readonly weights: readonly Variable[]
  /** The layers and how they hang together. */
  graph(): LayerGraph
  getWeights(): Tensor[]
  setWeights(weights: readonly Tensor[]): void
  save(folder: string): Promise<void>
  saveWeights(file: string): Promise<void>
  loadWeights(file: string): Promise<unknown>
  /**
   * Keeps weights, the optimizer's state, the state of the random generator and what is given here in a
   * folder, which is replaced whole or not at all.
   */
  saveTrainingState(folder: string, state: TrainingState): Promise<void>
  /**
   * Puts back what `saveTrainingState` kept and returns what was given; undefined if there is no such folder.
   *
   * @param accept looks at `extra` before anything is changed, and throws to leave all as it is.
   */
  loadTrainingState(folder: string, accept?: (extra: unknown) => void): Promise<TrainingState | undefined>
  /** Removes the folder, if it is there. */
  deleteTrainingState(folder: string): Promise<void>
}

/** What a training is told before it begins. */
export interface TrainingParams {
  readonly epochs: number
  /** Batches an epoch, where known. */
  readonly steps: number | undefined
  readonly batchSize: number | undefined
  /** Samples an epoch, where known. */
  readonly samples: number | undefined
  readonly verbose: 0 | 1 | 2
  /**
   * Names that the logs of model and validation will have; empty where they are not known yet. Callbacks may add
   * others: see their `addsLogs`.
   */
  readonly metrics: readonly string[]
  /** All callbacks of this training, in the order in which they are called. */
  readonly callbacks: readonly Callback[]
  /** Where the training stands now: at the end of a batch behind that batch, at the end of an epoch behind that epoch. */
  position(): TrainingPosition
  /** Gives losses and metrics what they had gathered at a position of this epoch: its `tensors`; none at its beginning. */
  restoreGathered(tensors: Readonly<Record<string, Tensor>>): Promise<void>
}

/** Why a training ended: all epochs done, `stopTraining` set by a callback, the signal, or an error. */
export type Ending = 'end' | 'callback' | 'signal' | 'error'

/**
 * Something that happens while a model trains. Every method may be asynchronous and is awaited.
 *
 * @example
 * class PrintLoss extends Callback {
 *   override onEpochEnd(epoch: number, logs: Logs) { console.log(epoch, logs.loss) }
 * }
 * class Gap extends Callback {
 *   override onEpochEnd(_epoch: number, logs: EpochLogs) { logs.gap = Number(logs.val_loss) - Number(logs.loss) }
 * }
 */
export abstract class Callback {
  /** The model that is trained; set before `onTrainBegin`. */
  model!: TrainedModel
  /** Set before `onTrainBegin`. */
  params!: TrainingParams
  /** Whether it is called after all callbacks that are not: it keeps what they know. */
  readonly runsLast: boolean = false
  /** Whether its `onEpochEnd` comes after those of all callbacks that may add to the logs: it shows or keeps them all. */
  readonly seesAllLogs: boolean = false

  /** Names of the logs that it adds in `onEpochEnd`; undefined, as by default, where that is not known before. */
  readonly addsLogs: readonly string[] | undefined = undefined

  onTrainBegin(): void | Promise<void> {}
  /**
   * Where an interrupted training goes on. Asked of every callback after all of them had their `onTrainBegin` and
   * before the first epoch; most know nothing of it.
   */
  resumeFrom(): Promise<TrainingPosition | undefined> {
    return Promise.resolve(undefined)
  }
  /** Also called when the training ends early or fails. */
  onTrainEnd(_logs: Logs, _ending: Ending): void | Promise<void> {}
  onEpochBegin(_epoch: number): void | Promise<void> {}
  /**
   * After the validation. What is added to `logs` is seen by the callbacks behind this one, by the history and by the
   * progress bar: a number by name, `val_…` for one of the validation.
   */
  onEpochEnd(_epoch: number, _logs: EpochLogs): void | Promise<void> {}
  /** Called before the others' `onEpochEnd` where this one's comes after them, so that what they print has a free line. */
  makeWay(): void {}
  onTrainBatchBegin(_batch: number): void | Promise<void> {}
  /** `logs` reads the means so far when called: reading costs a run, so read them only when needed. */
  onTrainBatchEnd(_batch: number, _logs: () => Promise<Logs>): void | Promise<void> {}
  onTestBegin(): void | Promise<void> {}
  onTestEnd(_logs: Logs): void | Promise<void> {}
  onTestBatchBegin(_batch: number): void | Promise<void> {}
  onTestBatchEnd(_batch: number, _logs: () => Promise<Logs>): void | Promise<void> {}
  onPredictBegin(): void | Promise<void> {}
  onPredictEnd(): void | Promise<void> {}
  onPredictBatchBegin(_batch: number): void | Promise<void> {}
  /** `outputs` are the model's, for the samples of this batch. */
  onPredictBatchEnd(_batch: number, _outputs: readonly Tensor[]): void | Promise<void> {}

  /** What a resumed training must know to go on as if it had not stopped; JSON. Default nothing. */
  getState(): unknown {
    return undefined
  }
  /** Tensors that belong to the state, by name. Only asked where `getState` gives something. */
  getTensors(): Readonly<Record<string, Tensor>> {
    return {}
  }
  setState(_state: unknown, _tensors: Readonly<Record<string, Tensor>>): void | Promise<void> {}
}
