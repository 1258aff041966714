/**
 * `optimizers/`: how weights move along their gradients. They know variables and schedules, and nothing of layers and
 * models.
 */
export { Adadelta, type AdadeltaOptions, adadelta } from './adadelta.ts'
export { Adafactor, type AdafactorOptions, adafactor } from './adafactor.ts'
export { Adagrad, type AdagradOptions, adagrad } from './adagrad.ts'
export { Adam, type AdamOptions, adam } from './adam.ts'
export { Adamax, type AdamaxOptions, adamax } from './adamax.ts'
export { AdamW, type AdamWOptions, adamw } from './adamw.ts'
export type { ClippingOptions } from './clipping.ts'
export { Ftrl, type FtrlOptions, ftrl } from './ftrl.ts'
export { getOptimizer, type OptimizerIdentifier, type OptimizerName } from './get.ts'
export { Lamb, type LambOptions, lamb } from './lamb.ts'
export { Lion, type LionOptions, lion } from './lion.ts'
export {
  LossScaleOptimizer,
  type LossScaleOptimizerOptions,
  lossScaleOptimizer,
} from './loss-scale-optimizer.ts'
export type { MovingAverageOptions } from './moving-average.ts'
export { MultiOptimizer, type MultiOptimizerOptions, multiOptimizer } from './multi-optimizer.ts'
export { Muon, type MuonOptions, muon } from './muon.ts'
export { Nadam, type NadamOptions, nadam } from './nadam.ts'
export { Optimizer, type OptimizerOptions } from './optimizer.ts'
export { RMSprop, type RMSpropOptions, rmsprop } from './rmsprop.ts'
export type { Slot, Slots, Step, UpdateRule } from './rule.ts'
export { ScheduleFreeAdamW, type ScheduleFreeAdamWOptions, scheduleFreeAdamW } from './schedule-free-adamw.ts'
export { SGD, type SGDOptions, sgd } from './sgd.ts'
