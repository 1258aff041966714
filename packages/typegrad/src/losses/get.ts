import { registeredFunction } from '../base/registered.ts'
import { make } from '../base/registry.ts'
import type { SerializedObject } from '../base/serialization.ts'
import { binaryCrossentropy } from './binary-crossentropy.ts'
import { binaryFocalCrossentropy } from './binary-focal-crossentropy.ts'
import { categoricalCrossentropy } from './categorical-crossentropy.ts'
import { categoricalFocalCrossentropy } from './categorical-focal-crossentropy.ts'
import { categoricalGeneralizedCrossEntropy } from './categorical-generalized-cross-entropy.ts'
import { categoricalHinge } from './categorical-hinge.ts'
import { circle } from './circle.ts'
import { cosineSimilarity } from './cosine-similarity.ts'
import { ctc } from './ctc.ts'
import { dice } from './dice.ts'
import { FunctionLoss, type LossFunction } from './function-loss.ts'
import { hinge } from './hinge.ts'
import { huber } from './huber.ts'
import { klDivergence } from './kl-divergence.ts'
import { logCosh } from './log-cosh.ts'
import { Loss } from './loss.ts'
import { meanAbsoluteError } from './mean-absolute-error.ts'
import { meanAbsolutePercentageError } from './mean-absolute-percentage-error.ts'
import { meanSquaredError } from './mean-squared-error.ts'
import { meanSquaredLogarithmicError } from './mean-squared-logarithmic-error.ts'
import { poisson } from './poisson.ts'
import { sparseCategoricalCrossentropy } from './sparse-categorical-crossentropy.ts'
import { squaredHinge } from './squared-hinge.ts'
import { type Task, type TaskContext, taskOf } from './task.ts'
import { tversky } from './tversky.ts'

const table = {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalGeneralizedCrossEntropy,
  categoricalHinge,
  circle,
  cosineSimilarity,
  ctc,
  dice,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  sparseCategoricalCrossentropy,
  squaredHinge,
  tversky,
}

const aliases = {
  bce: 'binaryCrossentropy',
  huberLoss: 'huber',
  kld: 'klDivergence',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  mse: 'meanSquaredError',
  msle: 'meanSquaredLogarithmicError',
} as const

const byTask: Readonly<Record<Task, () => Loss>> = {
  binary: binaryCrossentropy,
  categorical: categoricalCrossentropy,
  sparse: sparseCategoricalCrossentropy,
}

/** Names of losses. Keras's spelling (`mean_squared_error`) is understood too. */
export type LossName = keyof typeof table | keyof typeof aliases | 'crossentropy' | (string & {})

/** What `compile`'s `loss` takes. */
export type LossIdentifier = LossName | Loss | LossFunction | SerializedObject

const factories = new Set<unknown>(Object.values(table))

/**
 * The loss that a name, a function or a saved configuration stands for; a loss stands for itself.
 *
 * @param context resolves `'crossentropy'` (`'ce'`): binary for outputs of one number, sparse for labels that
 * number classes, categorical elsewhere.
 * @throws UnknownNameError with the nearest known name.
 * @example
 * getLoss('mse').apply(yTrue, yPred)
 */
export function getLoss(identifier: LossIdentifier, context: TaskContext = {}): Loss {
  if (identifier instanceof Loss) return identifier
  if (typeof identifier === 'function') {
    return factories.has(identifier) ? (identifier as unknown as () => Loss)() : new FunctionLoss(identifier)
  }
  const own = registeredFunction('loss', identifier)
  if (own !== undefined) return new FunctionLoss(own.of as LossFunction, own.config)
  if (identifier === 'crossentropy' || identifier === 'ce') return byTask[taskOf('crossentropy', context)]()
  return make<Loss>('loss', identifier, table, aliases)
}
