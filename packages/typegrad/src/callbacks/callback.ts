import type { Optimizer } from '../optimizers/index.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Means over an epoch (so far), by name: `loss`, `accuracy`, `val_loss`, … as Keras calls them. */
export type Logs = Readonly<Record<string, number>>

/** What callbacks see of the model that is trained. */
export interface TrainedModel {
  readonly name: string
  readonly optimizer: Optimizer
  /** Set it to end the training after the current batch. */
  stopTraining: boolean
  getWeights(): Tensor[]
  setWeights(weights: readonly Tensor[]): void
  save(folder: string): Promise<void>
  saveWeights(file: string): Promise<void>
  loadWeights(file: string): Promise<void>
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
  /** Names that the logs will have. */
  readonly metrics: readonly string[]
}

/**
 * Something that happens while a model trains. Every method may be asynchronous and is awaited.
 *
 * @example
 * class PrintLoss extends Callback {
 *   override onEpochEnd(epoch: number, logs: Logs) { console.log(epoch, logs.loss) }
 * }
 */
export abstract class Callback {
  /** The model that is trained; set before `onTrainBegin`. */
  model!: TrainedModel
  params!: TrainingParams

  onTrainBegin(): void | Promise<void> {}
  /** Also called when the training ends early or fails. */
  onTrainEnd(_logs: Logs): void | Promise<void> {}
  onEpochBegin(_epoch: number): void | Promise<void> {}
  onEpochEnd(_epoch: number, _logs: Logs): void | Promise<void> {}
  onTrainBatchBegin(_batch: number): void | Promise<void> {}
  /** `logs` reads the means so far when called: reading costs a run, so read them only when needed. */
  onTrainBatchEnd(_batch: number, _logs: () => Promise<Logs>): void | Promise<void> {}
  onTestBegin(): void | Promise<void> {}
  onTestEnd(_logs: Logs): void | Promise<void> {}
  onTestBatchEnd(_batch: number, _logs: () => Promise<Logs>): void | Promise<void> {}

  /** What a resumed training must know to go on as if it had not stopped; JSON. Default nothing. */
  getState(): unknown {
    return undefined
  }
  setState(_state: unknown): void {}
}

