import { sameShape } from '../base/shape.ts'
import { maskOf } from '../layers/base/masks.ts'
import type { Metric } from '../metrics/index.ts'
import { mul } from '../ops/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Labels (B, T) of predictions (B, T, 1) as (B, T, 1), where a mask or weights tell the steps apart. Losses would take
 * such labels as one sample of T elements each, so that a value is a whole sequence's and no step can be left out.
 */
export function labelsOfSteps(y: Tensor, prediction: Tensor, weights: Tensor | undefined): Tensor {
  const isStepwise = [weights, maskOf(prediction)].some(
    (told) => told !== undefined && told.rank > 1 && sameShape(told.shape, y.shape),
  )
  const lacksAxis = prediction.rank === y.rank + 1 && prediction.shape.at(-1) === 1
  return isStepwise && lacksAxis ? y.reshape(prediction.shape) : y
}

/** Updates a metric with a batch. A mask of the predictions, where the metric heeds it, weighs steps with 0 and 1. */
export function updateMetric(
  metric: Metric,
  y: Tensor,
  prediction: Tensor,
  weights: Tensor | undefined,
): void {
  const mask = metric.heedsMasks ? maskOf(prediction) : undefined
  metric.updateState(labelsOfSteps(y, prediction, weights), prediction, masked(weights, mask))
}

/** What positions count: nothing where the mask is false, elsewhere what their sample does. */
function masked(weights: Tensor | undefined, mask: Tensor | undefined): Tensor | undefined {
  if (mask === undefined) return weights
  const counted = mask.cast('float32')
  if (weights === undefined) return counted
  if (weights.rank > mask.rank)
    return mul(counted.reshape([...mask.shape, ...ones(weights.rank - mask.rank)]), weights)
  return mul(counted, weights.reshape([...weights.shape, ...ones(mask.rank - weights.rank)]))
}

const ones = (count: number): 1[] => new Array<1>(count).fill(1)
