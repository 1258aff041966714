/** One round of successive halving: so many trials with so many epochs each, counted from their beginning. */
export interface Rung {
  readonly trials: number
  readonly epochs: number
}

/**
 * Hyperband's brackets of successive halving: from many trials with few epochs to few with all of them
 * (Li et al. 2018, https://jmlr.org/papers/v18/16-558.html, algorithm 1).
 *
 * @param epochs what a trial gets at most: R of the paper.
 * @param factor which share of the trials goes on, 1/factor: η of the paper.
 */
export function hyperbandBrackets(epochs: number, factor: number): Rung[][] {
  // The logarithm's floor; floating point would lose a bracket now and then.
  let most = 0
  while (factor ** (most + 1) <= epochs) most += 1
  return Array.from({ length: most + 1 }, (_, i) => {
    const s = most - i
    const trials = Math.ceil(((most + 1) * factor ** s) / (s + 1))
    return Array.from({ length: s + 1 }, (_, round) => ({
      trials: Math.max(1, Math.floor(trials / factor ** round)),
      epochs: Math.max(1, Math.round(epochs / factor ** (s - round))),
    }))
  })
}
