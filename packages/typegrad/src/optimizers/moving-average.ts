import { ArgumentError } from '../base/errors.ts'
import { boolean, number, optionsOf, share } from '../base/options.ts'
import { cast } from '../ops/apply.ts'
import { add, mod, mul, sub } from '../ops/arithmetic.ts'
import { equal, greater } from '../ops/comparison.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { assignWhere } from './conditional.ts'
import { assign, type Slots } from './rule.ts'

/** Whether, and how, a moving average of the weights is kept beside them. */
export interface MovingAverageOptions {
  /** Whether an exponential moving average of each weight is kept. Default false. */
  readonly useEma?: boolean | undefined
  /** How much of the average each step keeps, from 0 to 1. Default 0.99. */
  readonly emaMomentum?: number | undefined
  /** After how many steps, again and again, the weights become their averages. Default: never. */
  readonly emaOverwriteFrequency?: number | undefined
}

export const movingAverageChecks = optionsOf<MovingAverageOptions>()({
  useEma: boolean,
  emaMomentum: share,
  emaOverwriteFrequency: number,
})

/** The options with their defaults. */
export interface MovingAverage {
  readonly useEma: boolean
  readonly emaMomentum: number
  readonly emaOverwriteFrequency: number | undefined
}

/** @throws ArgumentError for a momentum outside of 0 to 1 or a frequency that is no whole number above 0. */
export function movingAverage(where: string, options: MovingAverageOptions): MovingAverage {
  const { useEma = false, emaMomentum = 0.99, emaOverwriteFrequency } = options
  if (useEma && !(emaMomentum >= 0 && emaMomentum <= 1)) {
    throw new ArgumentError({
      where,
      expected: 'an emaMomentum from 0 to 1',
      received: String(emaMomentum),
    })
  }
  if (
    emaOverwriteFrequency !== undefined &&
    !(Number.isInteger(emaOverwriteFrequency) && emaOverwriteFrequency > 0)
  ) {
    throw new ArgumentError({
      where,
      expected: 'a whole emaOverwriteFrequency of at least 1',
      received: String(emaOverwriteFrequency),
    })
  }
  return { useEma, emaMomentum, emaOverwriteFrequency }
}

/**
 * a ← m·a + (1 − m)·w, where m is 0 in the first step: the average begins as the weight.
 *
 * @param done number of steps made before this one: int32.
 */
export function updateAverages(
  weights: ReadonlyMap<Variable, Slots>,
  { emaMomentum, emaOverwriteFrequency }: MovingAverage,
  done: Tensor,
): void {
  const kept = mul(cast(greater(done, 0), 'float32'), emaMomentum)
  for (const [weight, slots] of weights) {
    const average = slots.average as Variable
    assign(average, add(mul(average.value, kept), mul(weight.value, sub(1, kept))))
  }
  if (emaOverwriteFrequency === undefined) return
  const frequency = scalar(emaOverwriteFrequency, 'int32')
  assignWhere(equal(mod(add(done, scalar(1, 'int32')), frequency), scalar(0, 'int32')), () => {
    for (const [weight, slots] of weights) weight.assign((slots.average as Variable).value)
  })
}
