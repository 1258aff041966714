import { ShapeError, StateError } from '../../base/errors.ts'
import { formatShape } from '../../base/shape.ts'
import { mul } from '../../ops/arithmetic.ts'
import type { Regularizer } from '../../regularizers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { currentScope, loopsBetween } from '../../tensor/trace.ts'
import type { Outputs } from './outputs.ts'

let collected: Tensor[] | undefined

/**
 * Runs `body` and gives, beside its value, what the layers called in it cost by their `activityRegularizer`.
 *
 * @example
 * const { value, penalties } = withActivityPenalties(() => model.apply(x, { training: true }))
 */
export function withActivityPenalties<T>(body: () => T): { readonly value: T; readonly penalties: Tensor[] } {
  const penalties: Tensor[] = []
  return { value: gatherActivityPenalties(penalties, body), penalties }
}

/** Runs `body`, and adds to `penalties` what the layers called in it cost. */
export function gatherActivityPenalties<T>(penalties: Tensor[], body: () => T): T {
  const outer = collected
  collected = penalties
  try {
    return body()
  } finally {
    collected = outer
  }
}

/** What has been noted so far within `withActivityPenalties`, and is then forgotten: it belongs to one loss. */
export const takeActivityPenalties = (): Tensor[] => collected?.splice(0) ?? []

/**
 * Notes a cost as it is.
 *
 * @throws ShapeError for what is no scalar; StateError in a step of a loop.
 */
export function addLoss(layer: string, loss: Tensor): void {
  if (loss.size !== 1) {
    throw new ShapeError({
      where: `${layer}.addLoss`,
      expected: 'a scalar',
      received: `shape ${formatShape(loss.shape)}`,
      fix: 'Reduce it first: mean() over the samples, or sum().',
    })
  }
  if (loopsBetween(undefined, currentScope()).length > 0) {
    throw new StateError({
      where: `${layer}.addLoss`,
      expected: 'a call of the layer itself',
      received: 'a step of a loop, whose values there are none of outside',
      fix: 'Add it in the layer around the loop, of the outputs of all steps.',
    })
  }
  collected?.push(loss.reshape([]) as Tensor)
}

/** Runs `body`, in which what layers cost counts so many times. */
export function repeatActivityPenalties<T>(times: number, body: () => T): T {
  const outer = collected
  if (outer === undefined) return body()
  const { value, penalties } = withActivityPenalties(body)
  outer.push(...penalties.map((penalty) => mul(penalty, times) as Tensor))
  return value
}

/** Notes what outputs cost: divided by the batch, so that its size does not matter, as in Keras. */
export function addActivityPenalty(regularizer: Regularizer, outputs: Outputs): void {
  if (collected === undefined) return
  for (const output of Array.isArray(outputs) ? (outputs as readonly Tensor[]) : [outputs as Tensor]) {
    const penalty = regularizer.penalty(output)
    const batch = output.shape[0] ?? 1
    collected.push(batch === 1 ? penalty : (mul(penalty, 1 / Math.max(batch, 1)) as Tensor))
  }
}
