import { make } from '../base/registry.ts'
import type { SerializedObject } from '../base/serialization.ts'
import { adagrad } from './adagrad.ts'
import { adam } from './adam.ts'
import { adamw } from './adamw.ts'
import { Optimizer } from './optimizer.ts'
import { rmsprop } from './rmsprop.ts'
import { sgd } from './sgd.ts'

const table = { adagrad, adam, adamw, rmsprop, sgd }

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
