import { ShapeError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

export { classNumbers } from '../losses/class-numbers.ts'

/** @throws ShapeError if labels are not of the predictions' shape. */
export function checkOneHot(where: string, yTrue: Tensor, yPred: Tensor): void {
  if (sameShape(yTrue.shape, yPred.shape)) return
  throw new ShapeError({
    where,
    expected: `one-hot labels of the predictions' shape ${formatShape(yPred.shape)}`,
    received: formatShape(yTrue.shape),
    fix: 'For class numbers use the sparse metric of the same name.',
  })
}
