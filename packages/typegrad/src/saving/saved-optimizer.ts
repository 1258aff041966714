import { serialize } from '../base/serialization.ts'
import type { AnyModel } from '../models/model.ts'
import { getOptimizer } from '../optimizers/index.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'

export interface SavedOptimizerOptions {
  /**
   * Whether the file names no weights beside the state, as Keras's do, so that it is read as that of all trained weights.
   * Default false.
   */
  readonly isForAll?: boolean
}

/**
 * The optimizer whose state goes into a file beside the model: the model's own, or, where it was built for other weights than
 * those that are trained now, a fresh one with the same options, as the next `compile` would make it.
 *
 * Layers that were frozen or freed since the first step, and weights that were adapted, merged or released, are what makes the
 * two differ. `loadModel` builds an optimizer for the weights that are trained then, which has no place for another
 * one's momenta.
 */
export function optimizerToSave(
  model: AnyModel,
  { isForAll = false }: SavedOptimizerOptions = {},
): Optimizer {
  const { optimizer } = model
  const weights = model.trainableWeights
  if (!optimizer.built) optimizer.build(weights)
  // A step of the model's own may train any of the weights.
  if (model.hasOwnSteps && !isForAll) return optimizer
  const known = new Set(optimizer.weights)
  if (known.size === weights.length && weights.every((weight) => known.has(weight))) return optimizer
  console.warn(
    model.hasOwnSteps
      ? `typegrad: save: the steps of '${model.name}' train ${known.size} of its ${weights.length} weights, and Keras's files do not ` +
          'name those that an optimizer has state of. The saved model begins with a fresh one; a folder keeps it.'
      : `typegrad: save: the optimizer of '${model.name}' was built for other weights than those that are trained now, so its ` +
          'state is of no use to them. The saved model begins with a fresh one, as after model.compile(…).',
  )
  const fresh = getOptimizer(serialize(optimizer))
  fresh.build(weights)
  return fresh
}
