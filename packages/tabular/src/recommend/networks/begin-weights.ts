import { random, type Tensor, type Variable } from 'typegrad/core'

/** Draws matrices anew, as normal numbers with the deviation that BERT has (Devlin et al. 2018); vectors stay as they are. */
export function beginWeights(weights: readonly Variable[], seed: number, deviation = 0.02): void {
  for (const [i, weight] of weights.entries())
    if (weight.shape.length > 1)
      weight.assign(random.normal(weight.shape, { stddev: deviation, seed: seed + i }) as Tensor)
}
