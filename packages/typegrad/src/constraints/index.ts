/** `constraints/`: what weights are brought back to after an update. They know tensors and nothing of layers. */
export { Constraint } from './constraint.ts'
export { type ConstraintIdentifier, type ConstraintName, getConstraint } from './get.ts'
export { MaxNorm, type MaxNormOptions, maxNorm } from './max-norm.ts'
export { MinMaxNorm, type MinMaxNormOptions, minMaxNorm } from './min-max-norm.ts'
export { NonNeg, nonNeg } from './non-neg.ts'
export type { NormAxis, NormOptions } from './norm.ts'
export { UnitNorm, unitNorm } from './unit-norm.ts'
