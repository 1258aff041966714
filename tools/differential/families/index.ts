import type { Family, FamilyName } from '../family.ts'
import { lossesFamily } from './losses.ts'
import { metricsFamily } from './metrics.ts'
import { modelsFamily } from './models.ts'
import { opsFamily } from './ops.ts'
import { optimizersFamily } from './optimizers.ts'
import { reverseFamily } from './reverse.ts'

/** A family in whose cases the driver does not look. */
const opaque = (family: unknown): Family => family as Family

export const families: Readonly<Record<FamilyName, Family>> = {
  models: opaque(modelsFamily),
  reverse: opaque(reverseFamily),
  ops: opaque(opsFamily),
  losses: opaque(lossesFamily),
  metrics: opaque(metricsFamily),
  optimizers: opaque(optimizersFamily),
}
