import { ArgumentError } from 'typegrad/core'

/**
 * Perplexity: e to the mean loss of a token.
 *
 * @param losses mean cross-entropies in nats, of tokens or of batches.
 * @param tokens how many tokens each is the mean of. Default: the same for all.
 * @throws ArgumentError for no losses, lists of different lengths, and counts that are negative or all 0.
 * @example
 * textMetrics.perplexity([2.3, 2.1], [128, 64]) // e ** ((2.3 · 128 + 2.1 · 64) / 192)
 */
export function perplexity(losses: ArrayLike<number>, tokens?: ArrayLike<number>): number {
  const counts = Array.from(tokens ?? new Array<number>(losses.length).fill(1))
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (losses.length !== counts.length || !(total > 0) || counts.some((count) => count < 0)) {
    throw new ArgumentError({
      where: 'perplexity',
      expected: 'one or more losses, with a count of tokens for each that is 0 or more, and not 0 for all',
      received: `${losses.length} losses and ${counts.length} counts that sum to ${total}`,
    })
  }
  const sum = counts.reduce((all, count, i) => all + (count === 0 ? 0 : count * (losses[i] as number)), 0)
  return Math.exp(sum / total)
}
