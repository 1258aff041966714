import type { DType } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { canonicalName } from '../../base/registry.ts'
import { oneHot } from '../../ops/indexing.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/**
 * How categories come out: as whole numbers; each as a row of 0 and a 1; which of them a sample has, and how often; or
 * how often times how telling each is (inverse document frequency).
 */
export type OutputMode = 'int' | 'oneHot' | 'multiHot' | 'count' | 'tfIdf'

const modes: Readonly<Record<OutputMode, true>> = {
  int: true,
  oneHot: true,
  multiHot: true,
  count: true,
  tfIdf: true,
}
const otherNames = { binary: 'multiHot' }

/** @throws UnknownNameError for no mode, ArgumentError for one that the layer does not have. */
export function getOutputMode<M extends OutputMode>(layer: string, name: string, allowed: readonly M[]): M {
  const mode = canonicalName(`${layer}: outputMode`, name, modes, otherNames)
  const found = allowed.find((one) => one === mode)
  if (found !== undefined) return found
  throw new ArgumentError({
    where: `${layer}: outputMode`,
    expected: `one of ${allowed.join(', ')}`,
    received: `'${mode}'`,
  })
}

interface Encoding {
  readonly outputMode: 'oneHot' | 'multiHot' | 'count'
  /** Number of categories: the length of the last axis. */
  readonly depth: number
  readonly dtype: DType
  /** What each element counts, in the shape of the indices. Default 1. */
  readonly countWeights?: Tensor
}

/**
 * Categories as rows of numbers, by Keras's rules of shapes: `oneHot` adds an axis of length `depth` (in the place of a
 * last one of length 1), `multiHot` and `count` put it in the place of the samples' first axis. Numbers below 0 and from
 * `depth` on are no category and leave no trace.
 */
export function encodeCategories(
  indices: Tensor,
  { outputMode, depth, dtype, countWeights }: Encoding,
): Tensor {
  const x = indices.rank === 0 ? indices.reshape([1]) : indices
  if (outputMode === 'oneHot')
    return oneHot(x.rank > 1 && x.shape.at(-1) === 1 ? x.reshape(x.shape.slice(0, -1)) : x, depth, { dtype })
  const rows = oneHot(x, depth, { dtype })
  const axis = x.rank > 1 ? 1 : 0
  if (outputMode === 'multiHot') return x.shape[axis] === 0 ? rows.sum(axis) : rows.max(axis)
  return (countWeights === undefined ? rows : rows.mul(countWeights.cast(dtype).expandDims(-1))).sum(axis)
}
