import { ShapeError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { cast, toFloating } from '../ops/apply.ts'
import { reshape } from '../ops/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

const expand = (x: Tensor): Tensor => reshape(x, [...x.shape, 1])
const squeeze = (x: Tensor): Tensor => reshape(x, x.shape.slice(0, -1))

/**
 * Two tensors whose ranks differ by a last axis of length 1, with the same rank: the axis is added to the
 * other where that has rank 1, and taken away elsewhere. All others stay as they are.
 */
export function matchRanks(a: Tensor, b: Tensor): [Tensor, Tensor] {
  if (a.rank === b.rank + 1 && a.shape.at(-1) === 1) return b.rank === 1 ? [a, expand(b)] : [squeeze(a), b]
  if (b.rank === a.rank + 1 && b.shape.at(-1) === 1) return a.rank === 1 ? [expand(a), b] : [a, squeeze(b)]
  return [a, b]
}

/**
 * Labels and predictions in one shape and in the predictions' floating dtype.
 *
 * @throws ShapeError if their shapes differ by more than a last axis of length 1. (Keras would broadcast
 * them, which is hardly ever what is meant: (n) against (n, 1) used to give n² errors.)
 */
export function alignedOperands(where: string, yTrue: Tensor, yPred: Tensor): [Tensor, Tensor] {
  const predicted = toFloating(yPred)
  const [labels, aligned] = matchRanks(cast(yTrue, predicted.dtype), predicted)
  if (!sameShape(labels.shape, aligned.shape)) {
    throw new ShapeError({
      where,
      expected: `labels of the predictions' shape ${formatShape(yPred.shape)}`,
      received: formatShape(yTrue.shape),
    })
  }
  return [labels, aligned]
}
