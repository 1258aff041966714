import type { SerializedObject } from '../base/serialization.ts'
import type { Optimizer } from './optimizer.ts'

type Identifier = Optimizer | SerializedObject | string

let lookUp: ((identifier: Identifier) => Optimizer) | undefined

/** Called once by the table of optimizers, which names those that hold others: they cannot import it. */
export function findInnerOptimizersBy(find: (identifier: Identifier) => Optimizer): void {
  lookUp = find
}

/** The optimizer that stands within another one. @throws UnknownNameError with the nearest known name. */
export const innerOptimizerOf = (identifier: Identifier): Optimizer =>
  (lookUp as (identifier: Identifier) => Optimizer)(identifier)
