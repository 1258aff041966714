import { make } from '../../base/registry.ts'
import type { SerializedObject } from '../../base/serialization.ts'
import { type AnyAdapter, WeightAdapter } from './adapter.ts'
import { fakeQuantized } from './fake-quantized.ts'
import { lowRank } from './low-rank.ts'
import { movementPruned } from './movement-pruned.ts'
import { pruned } from './pruned.ts'
import { quantized } from './quantized.ts'
import { softMovementPruned } from './soft-movement-pruned.ts'

const table = { fakeQuantized, lowRank, movementPruned, pruned, quantized, softMovementPruned }

/**
 * The adapter that a saved configuration stands for; an adapter stands for itself.
 *
 * @throws UnknownNameError with the nearest known name, or naming the package whose import is missing.
 */
export const getAdapter = (identifier: AnyAdapter | SerializedObject): AnyAdapter =>
  identifier instanceof WeightAdapter ? identifier : make<AnyAdapter>('adapter', identifier, table)
