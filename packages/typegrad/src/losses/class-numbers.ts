import { ShapeError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { cast } from '../ops/apply.ts'
import { reshape } from '../ops/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Class numbers (int32) of the shape that predictions have without their last axis; labels may have a last
 * axis of length 1 too many.
 *
 * @throws ShapeError if they do not fit.
 */
export function classNumbers(where: string, yTrue: Tensor, yPred: Tensor): Tensor {
  const rows = yPred.shape.slice(0, -1)
  if (sameShape(yTrue.shape, rows)) return cast(yTrue, 'int32')
  if (sameShape(yTrue.shape, [...rows, 1])) return cast(reshape(yTrue, rows), 'int32')
  throw new ShapeError({
    where,
    expected: `a class number for each row of the predictions ${formatShape(yPred.shape)}: shape ${formatShape(rows)}`,
    received: formatShape(yTrue.shape),
    fix: 'For one-hot labels use the categorical loss or metric.',
  })
}
