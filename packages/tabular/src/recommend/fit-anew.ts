import { isOver, type TriedScorer } from './fit-scorers.ts'
import type { Grouped } from './interactions/interactions.ts'
import type { FitContext } from './models/scorer.ts'
import { baselines, candidates, type RecommendModelName } from './models/table.ts'

/**
 * The models that have a weight, fitted to all rows for as many passes as were best; the others as they are. Where there is no time for
 * that, a model stays as it was chosen, and is told what it can know of all rows without learning.
 */
export async function fittedAnew(
  tried: readonly TriedScorer[],
  weights: ArrayLike<number>,
  { watched: _, ...context }: FitContext,
  rows: {
    readonly seen: Grouped
    /** How many times the rows that models were chosen on all rows are. */
    readonly growth: number
    readonly onProgress: ((message: string) => void) | undefined
  },
): Promise<{ readonly chosen: readonly TriedScorer[]; readonly kept: readonly RecommendModelName[] }> {
  const chosen: TriedScorer[] = []
  const kept: RecommendModelName[] = []
  for (const [i, one] of tried.entries()) {
    const { name, epochs, seconds, scorer } = one
    const candidate = candidates.find((of) => of.name === name)
    if (candidate === undefined || (weights[i] as number) === 0) {
      chosen.push(one)
      continue
    }
    // Networks look at the clock themselves; of others it is known how long they took.
    const isTooLong =
      !baselines.includes(name) &&
      (isOver(context) ||
        (epochs === undefined && performance.now() + 1000 * seconds * rows.growth > context.deadline))
    if (!isTooLong) rows.onProgress?.(`${name}: all ${context.training.users.length} interactions`)
    const fitted = isTooLong
      ? undefined
      : await candidate.fit({ ...context, ...(epochs !== undefined && { epochs }) })
    if (fitted === undefined) kept.push(name)
    chosen.push({ ...one, ...(fitted ?? { scorer: (await scorer.informed?.(rows.seen)) ?? scorer }) })
  }
  return { chosen, kept }
}
