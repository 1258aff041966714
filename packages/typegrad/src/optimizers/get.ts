import { make } from '../base/registry.ts'
import type { SerializedObject } from '../base/serialization.ts'
import { adadelta } from './adadelta.ts'
import { adafactor } from './adafactor.ts'
import { adagrad } from './adagrad.ts'
import { adam } from './adam.ts'
import { adamax } from './adamax.ts'
import { adamw } from './adamw.ts'
import { ftrl } from './ftrl.ts'
import { findInnerOptimizersBy } from './inner-optimizer.ts'
import { lamb } from './lamb.ts'
import { lion } from './lion.ts'
import { lossScaleOptimizer } from './loss-scale-optimizer.ts'
import { multiOptimizer } from './multi-optimizer.ts'
import { muon } from './muon.ts'
import { nadam } from './nadam.ts'
import { Optimizer } from './optimizer.ts'
import { rmsprop } from './rmsprop.ts'
import { scheduleFreeAdamW } from './schedule-free-adamw.ts'
import { sgd } from './sgd.ts'

const table = {
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  ftrl,
  lamb,
  lion,
  lossScaleOptimizer,
  multiOptimizer,
  muon,
  nadam,
  rmsprop,
  scheduleFreeAdamW,
  sgd,
}

/** Names of optimizers. Keras's spelling (`RMSprop`) is understood too. */
export type OptimizerName = keyof typeof table | (string & {})

/** What `compile`'s `optimizer` takes. */
export type OptimizerIdentifier = OptimizerName | Optimizer | SerializedObject

/**
 * The optimizer that a name or a saved configuration stands for; an optimizer stands for itself.
 *
 * @throws UnknownNameError with the nearest known name.
 * @example
 * getOptimizer('adam')
 */
export const getOptimizer = (identifier: OptimizerIdentifier): Optimizer =>
  identifier instanceof Optimizer ? identifier : make<Optimizer>('optimizer', identifier, table)

findInnerOptimizersBy(getOptimizer)
