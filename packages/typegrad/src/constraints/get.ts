import { make } from '../base/registry.ts'
import type { SerializedObject } from '../base/serialization.ts'
import { Constraint } from './constraint.ts'
import { maxNorm } from './max-norm.ts'
import { minMaxNorm } from './min-max-norm.ts'
import { nonNeg } from './non-neg.ts'
import { unitNorm } from './unit-norm.ts'

const table = { maxNorm, minMaxNorm, nonNeg, unitNorm }

/** Names of constraints. Keras's spelling (`max_norm`) is understood too. */
export type ConstraintName = keyof typeof table | (string & {})

/** What a layer's `kernelConstraint` and the like take. */
export type ConstraintIdentifier = ConstraintName | Constraint | SerializedObject

/**
 * The constraint that a name or a saved configuration stands for; a constraint stands for itself.
 *
 * @throws UnknownNameError with the nearest known name.
 */
export const getConstraint = (identifier: ConstraintIdentifier): Constraint =>
  identifier instanceof Constraint ? identifier : make<Constraint>('constraint', identifier, table)
