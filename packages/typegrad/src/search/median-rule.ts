/** Trials that must be complete before any is stopped. */
const startup = 5

/**
 * Whether a trial is to be stopped: its best cost so far is above the median of what the trials before had at the
 * same epoch (Golovin et al. 2017, "Google Vizier").
 *
 * @param costs those of the trial's epochs so far.
 * @param others the costs of the epochs of each complete trial.
 */
export function isBelowMedian(costs: readonly number[], others: readonly (readonly number[])[]): boolean {
  const epoch = costs.length - 1
  const there = others.flatMap((other) => (other.length > epoch ? [other[epoch] as number] : []))
  if (there.length < startup) return false
  const sorted = there.sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2
  return Math.min(...costs) > median
}
