/**
 * `callbacks/`: what is told of a training while it goes on, and may stop it. They know a model by the little that
 * `callback.ts` says of it, and never how it is trained.
 */
export { BackupAndRestore, type BackupAndRestoreOptions, backupAndRestore } from './backup-and-restore.ts'
export {
  Callback,
  type Ending,
  type EpochLogs,
  type Logs,
  type TrainedModel,
  type TrainingParams,
  type TrainingPosition,
  type TrainingState,
} from './callback.ts'
export { CallbackList } from './callback-list.ts'
export { CSVLogger, type CSVLoggerOptions, csvLogger } from './csv-logger.ts'
export { EarlyStopping, type EarlyStoppingOptions, earlyStopping } from './early-stopping.ts'
export { type CallbackIdentifier, getCallback } from './get.ts'
export { History } from './history.ts'
export { type CallbackHooks, LambdaCallback, lambdaCallback } from './lambda-callback.ts'
export {
  LearningRateScheduler,
  type LearningRateSchedulerOptions,
  learningRateScheduler,
} from './learning-rate-scheduler.ts'
export { ModelCheckpoint, type ModelCheckpointOptions, modelCheckpoint } from './model-checkpoint.ts'
export type { MonitorMode, MonitorOptions } from './monitor.ts'
export {
  ProgressBar,
  ProgressBar as ProgbarLogger,
  type ProgressBarOptions,
  progressBar,
  progressBar as progbarLogger,
} from './progress-bar.ts'
export { Pruning, type PruningOptions, pruning } from './pruning.ts'
export {
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  reduceLROnPlateau,
} from './reduce-lr-on-plateau.ts'
export { RemoteMonitor, type RemoteMonitorOptions, remoteMonitor } from './remote-monitor.ts'
export {
  type Rollback,
  RollbackOnSpike,
  type RollbackOnSpikeOptions,
  rollbackOnSpike,
} from './rollback-on-spike.ts'
export { SwapEMAWeights, type SwapEMAWeightsOptions, swapEMAWeights } from './swap-ema-weights.ts'
export { TensorBoard, type TensorBoardOptions, tensorBoard } from './tensor-board.ts'
export { TerminateOnNaN, terminateOnNaN } from './terminate-on-nan.ts'
