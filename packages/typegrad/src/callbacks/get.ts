import { make } from '../base/registry.ts'
import type { SerializedObject } from '../base/serialization.ts'
import { backupAndRestore } from './backup-and-restore.ts'
import { Callback } from './callback.ts'
import { csvLogger } from './csv-logger.ts'
import { earlyStopping } from './early-stopping.ts'
import { learningRateScheduler } from './learning-rate-scheduler.ts'
import { modelCheckpoint } from './model-checkpoint.ts'
import { progressBar } from './progress-bar.ts'
import { pruning } from './pruning.ts'
import { reduceLROnPlateau } from './reduce-lr-on-plateau.ts'
import { remoteMonitor } from './remote-monitor.ts'
import { rollbackOnSpike } from './rollback-on-spike.ts'
import { swapEMAWeights } from './swap-ema-weights.ts'
import { tensorBoard } from './tensor-board.ts'
import { terminateOnNaN } from './terminate-on-nan.ts'

const table = {
  backupAndRestore,
  csvLogger,
  earlyStopping,
  learningRateScheduler,
  modelCheckpoint,
  progressBar,
  pruning,
  reduceLROnPlateau,
  remoteMonitor,
  rollbackOnSpike,
  swapEMAWeights,
  tensorBoard,
  terminateOnNaN: () => terminateOnNaN(),
}

/** What {@link getCallback} takes. */
export type CallbackIdentifier = string | Callback | SerializedObject

/**
 * The callback that a name or a configuration `{ className, config }` stands for, the library's or a package's; a
 * callback stands for itself. For programs whose trainings are described by data.
 *
 * @throws UnknownNameError with the nearest known name, or naming the package whose import is missing.
 * @example
 * getCallback({ className: 'EarlyStopping', config: { patience: 3 } })
 * getCallback('signal>Alarm')
 */
export const getCallback = (identifier: CallbackIdentifier): Callback =>
  identifier instanceof Callback ? identifier : make<Callback>('callback', identifier, table)
