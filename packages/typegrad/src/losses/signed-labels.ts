import { cast } from '../ops/apply.ts'
import { add, mul, sub } from '../ops/arithmetic.ts'
import { equal, logicalOr } from '../ops/comparison.ts'
import { all } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkLabels, type HostLabels } from './labels.ts'

/** Labels of a hinge: −1 and 1 for 0 and 1 if there are no others, else as they are. */
export function signedLabels(labels: Tensor): Tensor {
  const binary = cast(all(logicalOr(equal(labels, 0), equal(labels, 1))), labels.dtype)
  // y + (y − 1) = 2y − 1 where all are binary.
  return add(labels, mul(sub(labels, 1), binary))
}

/** @throws DataError naming the first label that is not −1, 0 or 1. */
export const checkSignedLabels = (where: string, labels: HostLabels, firstSample: number): void =>
  checkLabels(where, labels, (value) => value === -1 || value === 0 || value === 1, {
    expected: 'labels −1 and 1, or 0 and 1',
    fix: 'Map the two classes to −1 and 1.',
    firstSample,
  })
