import { StateError } from '../base/errors.ts'
import { maskOf } from '../layers/base/masks.ts'
import type { Loss, LossContext } from '../losses/index.ts'
import { add, mul } from '../ops/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { labelsOfSteps } from './step-labels.ts'

/** An output's loss and how much it counts. */
export interface LossTerm {
  readonly loss: Loss | undefined
  readonly lossWeight: number
}

type Tensors = readonly Tensor[]

/** The loss of one output, with its mask heeded; undefined for an output without one. */
export const lossOf = (
  { loss }: LossTerm,
  predictions: Tensors,
  y: Tensors,
  weights: Tensors,
  output: number,
  context?: LossContext,
): Tensor | undefined =>
  y[output] === undefined
    ? undefined
    : loss?.apply(
        labelsOfSteps(y[output], predictions[output] as Tensor, weights[output]),
        predictions[output] as Tensor,
        weights[output],
        maskOf(predictions[output] as Tensor),
        context,
      )

/**
 * The weighted sum of the outputs' losses, and of penalties.
 *
 * @throws StateError if there is nothing to add up.
 */
export function totalLoss(
  terms: readonly LossTerm[],
  predictions: Tensors,
  y: Tensors,
  weights: Tensors,
  penalties: Tensors,
  context?: LossContext,
): Tensor {
  const losses = terms.flatMap((term, i) => {
    const loss = lossOf(term, predictions, y, weights, i, context)
    if (loss === undefined) return []
    return [term.lossWeight === 1 ? loss : mul(loss, term.lossWeight)]
  })
  const all = [...losses, ...penalties]
  if (all.length === 0) throw noLoss()
  return all.reduce((a, b) => add(a, b))
}

export const noLoss = (): StateError =>
  new StateError({
    where: 'fit',
    expected: 'a loss for at least one output',
    received: 'a model that was compiled without one',
    fix: "Say what training makes small: model.compile({ optimizer: 'adam', loss: 'meanSquaredError' }).",
  })
