import type { Member } from './blend.ts'
import type { FitContext } from './candidates/candidate.ts'
import { candidates } from './candidates/table.ts'
import type { TrainedCandidate } from './fit-candidates.ts'

/**
 * The members of a blend, each fitted once more to all rows in the place of its folds' models: a fraction of the size and of the time that
 * a prediction takes.
 *
 * @returns undefined where the time is over before all are: a model that was cut off is not what its folds were.
 */
export async function refitMembers(
  trained: readonly TrainedCandidate[],
  weights: ArrayLike<number>,
  context: Omit<FitContext, 'watched'>,
): Promise<readonly Member[] | undefined> {
  const members: Member[] = []
  for (const [i, { name, models }] of trained.entries()) {
    const weight = weights[i] as number
    if (weight === 0) continue
    const refit = candidates.find((one) => one.name === name)?.refit
    if (performance.now() > context.deadline) return undefined
    if (refit === undefined || models.some(({ settings }) => settings === undefined))
      members.push({ weight, models })
    else
      members.push({
        weight,
        models: [
          await refit(
            context,
            models.map(({ settings = [] }) => settings),
          ),
        ],
      })
  }
  return performance.now() > context.deadline ? undefined : members
}
