import type { StepOutputs, Tensor } from 'typegrad'

/** What labels or weights hold, as a list: those by name in the alphabet's order. */
export const partsOf = (given: StepOutputs['y'] | undefined): readonly Tensor[] => {
  if (given === undefined) return []
  if (Array.isArray(given)) return given
  return [given as Tensor]
}

/** A mean over samples, each by its weight where samples have weights: (batch) → scalar. */
export function meanOf(values: Tensor, sampleWeight: StepOutputs['sampleWeight']): Tensor {
  const [weight] = partsOf(sampleWeight)
  return (weight === undefined ? values : values.mul(weight.reshape(values.shape))).mean()
}
