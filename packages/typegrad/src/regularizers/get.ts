import { make } from '../base/registry.ts'
import type { SerializedObject } from '../base/serialization.ts'
import { l1 } from './l1.ts'
import { l1l2 } from './l1l2.ts'
import { l2 } from './l2.ts'
import { orthogonalRegularizer } from './orthogonal.ts'
import { Regularizer } from './regularizer.ts'

const table = { l1, l1l2, l2, orthogonalRegularizer }

/** Names of regularizers. Keras's spelling (`l1_l2`) is understood too. */
export type RegularizerName = keyof typeof table | (string & {})

/** What a layer's `kernelRegularizer` and the like take. */
export type RegularizerIdentifier = RegularizerName | Regularizer | SerializedObject

/**
 * The regularizer that a name or a saved configuration stands for; a regularizer stands for itself.
 *
 * @throws UnknownNameError with the nearest known name.
 */
export const getRegularizer = (identifier: RegularizerIdentifier): Regularizer =>
  identifier instanceof Regularizer ? identifier : make<Regularizer>('regularizer', identifier, table)
