export { Adagrad, type AdagradOptions, adagrad } from './adagrad.ts'
export { Adam, type AdamOptions, adam } from './adam.ts'
export { AdamW, type AdamWOptions, adamw } from './adamw.ts'
export type { ClippingOptions } from './clipping.ts'
export { getOptimizer, type OptimizerIdentifier, type OptimizerName } from './get.ts'
export {
  Optimizer,
  type OptimizerOptions,
  type Slot,
  type Slots,
  type Step,
  type UpdateRule,
} from './optimizer.ts'
export { RMSprop, type RMSpropOptions, rmsprop } from './rmsprop.ts'
export { SGD, type SGDOptions, sgd } from './sgd.ts'
