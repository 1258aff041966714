import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

/**
 * −w[c] · log p[c] of the class c that each target names, over log p (N, C, d…) and targets (N, d…). Targets that are
 * `ignore_index` cost nothing and weigh nothing.
 */
function negativeLogLikelihood(
  call: NodeCall,
  logProbabilities: Tensor,
  target: Tensor,
  weights: Tensor | undefined,
): Tensor {
  const { dtype } = logProbabilities
  const isIgnored = call.has('ignore_index') ? ops.equal(target, call.int('ignore_index', 0)) : undefined
  const classes = isIgnored === undefined ? target : ops.where(isIgnored, call.like(0, target), target)
  const at = ops.expandDims(classes, 1)
  const picked = ops.squeeze(apply('gatherElements', [logProbabilities, at], { axis: 1 }), 1)
  const own = weights === undefined ? undefined : apply('gather', [weights, classes], { axis: 0 })
  const shares =
    isIgnored === undefined ? own : ops.where(isIgnored, call.like(0, picked), own ?? call.like(1, picked))
  const losses = ops.neg(shares === undefined ? picked : ops.mul(picked, shares))
  const reduction = call.string('reduction', 'mean')
  if (reduction === 'none') return losses
  if (reduction === 'sum') return ops.sum(losses)
  if (reduction !== 'mean') return call.refuse(`with the reduction '${reduction}'`)
  return shares === undefined
    ? ops.mean(losses)
    : ops.div(ops.sum(losses), ops.sum(ops.cast(ops.broadcastTo(shares, losses.shape), dtype)))
}

const negativeLogLikelihoodLoss: Operator = (call) =>
  negativeLogLikelihood(call, call.input(0), call.input(1), call.optional(2))

/** The same of the softmax over axis 1; log p is the second output. */
const softmaxCrossEntropyLoss: Operator = (call) => {
  const logProbabilities = apply('logSoftmax', [call.input(0)], { axis: 1 })
  return [negativeLogLikelihood(call, logProbabilities, call.input(1), call.optional(2)), logProbabilities]
}

/** Losses that PyTorch exports where a module computes its own. */
export const lossOperators: Operators = {
  NegativeLogLikelihoodLoss: negativeLogLikelihoodLoss,
  SoftmaxCrossEntropyLoss: softmaxCrossEntropyLoss,
}
