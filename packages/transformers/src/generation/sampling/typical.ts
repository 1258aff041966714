import type { LogitsProcessor } from '../logits-processor.ts'
import { isCount, need } from './argument.ts'
import { exponentials, largest } from './exponential.ts'
import { kthLargest, walkUp } from './selection.ts'
import type { KeepOptions } from './top-k.ts'

/**
 * Keeps the tokens whose information is nearest to what is expected, until their probabilities add up to a mass (Meister
 * et al. 2023, "Locally Typical Sampling", https://arxiv.org/abs/2202.00666).
 *
 * @param mass between 0 and 1, neither of them.
 * @throws ArgumentError for a mass outside of that.
 */
export function typical(mass: number, { minTokensToKeep = 1 }: KeepOptions = {}): LogitsProcessor {
  need('typical', mass, 'a number between 0 and 1', (x) => x > 0 && x < 1)
  need('typical: minTokensToKeep', minTokensToKeep, 'a whole number from 1', isCount)
  return {
    process(logits) {
      const { masses, sum } = exponentials(logits)
      const most = largest(logits)
      // −log p = logSum − (score − most); a token of probability 0 adds nothing to the entropy.
      const logSum = Math.log(sum)
      let entropy = 0
      for (let i = 0; i < logits.length; i++) {
        const probability = (masses[i] as number) / sum
        if (probability > 0) entropy += probability * (logSum - ((logits[i] as number) - most))
      }
      const distances = logits.map((score) => Math.abs(logSum - (score - most) - entropy))
      const { value } = walkUp(distances, masses, (cumulative) => cumulative >= mass * sum)
      const kept =
        minTokensToKeep === 1
          ? value
          : Math.max(
              value,
              -kthLargest(
                distances.map((x) => -x),
                minTokensToKeep,
              ),
            )
      for (let i = 0; i < logits.length; i++)
        if ((distances[i] as number) > kept) logits[i] = Number.NEGATIVE_INFINITY
    },
  }
}
