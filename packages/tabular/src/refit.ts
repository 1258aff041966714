import type { Member } from './blend.ts'
import type { FitContext } from './candidates/candidate.ts'
import { type CandidateName, candidates } from './candidates/table.ts'
import type { Ending } from './ending.ts'
import type { TrainedCandidate } from './fit-candidates.ts'

/** Members of a blend that were fitted once more. */
export interface Refitted {
  readonly members: readonly Member[]
  /** Names of those that were not: they have their folds' models still. */
  readonly left: readonly CandidateName[]
}

/**
 * The members of a blend, each fitted once more to all rows in the place of its folds' models: a fraction of the size and of the time that
 * a prediction takes. Where the training ends before one is, its folds' models stay: a model that was cut off is not what they were.
 */
export async function refitMembers(
  trained: readonly TrainedCandidate[],
  weights: ArrayLike<number>,
  context: Omit<FitContext, 'watched' | 'deadline' | 'signal'>,
  ending: Ending,
  onProgress: (message: string) => void,
): Promise<Refitted> {
  const own = { ...context, deadline: ending.deadline, signal: ending.either }
  const members: Member[] = []
  const left: CandidateName[] = []
  for (const [i, { name, models }] of trained.entries()) {
    const weight = weights[i] as number
    if (weight === 0) continue
    const { refit } = candidates.find((one) => one.name === name) as (typeof candidates)[number]
    if (!ending.isOver) onProgress(`${name}: all ${context.training.values.length} rows`)
    const settings = models.map((model) => model.settings ?? [])
    const fitted = ending.isOver ? undefined : await ending.unlessStopped(refit(own, settings))
    const isDone = fitted !== undefined && performance.now() <= ending.deadline
    members.push({ weight, models: isDone ? [fitted] : models })
    if (!isDone) left.push(name)
  }
  return { members, left }
}
