import { predictRows } from './blend.ts'
import type { FittedCandidate, LabelledRows } from './candidates/candidate.ts'
import { type CandidateName, candidates, leastCandidates } from './candidates/table.ts'
import type { Ending } from './ending.ts'
import type { ColumnRoles } from './features/column-roles.ts'
import { blended } from './scores/blend.ts'
import type { Predictions, TrainedTask } from './scores/metrics.ts'
import type { Splits } from './splits.ts'

/** A candidate that was fitted to all folds. */
export interface TrainedCandidate {
  readonly name: CandidateName
  /** One a fold. */
  readonly models: readonly FittedCandidate[]
  /** Of the watched rows, in the order of the folds. */
  readonly watched: Predictions
  readonly test: Predictions
}

interface Fitting {
  readonly task: TrainedTask
  readonly roles: ColumnRoles
  readonly splits: Splits
  readonly rowsOf: (places: Uint32Array) => LabelledRows
  readonly test: LabelledRows
  /** The candidates that are asked for; those that need no time are always fitted. */
  readonly names: readonly CandidateName[]
  readonly seed: number
  readonly ending: Ending
  readonly signal: AbortSignal | undefined
  readonly onProgress: (message: string) => void
}

/** Milliseconds of a fold at least. */
const leastForNetwork = 500

/**
 * Fits the candidates to the folds, one after another, for as long as there is time: each may take half of what is left, a
 * network a quarter, which its folds share. The rest is for those that come, and for fitting the chosen ones to all rows, which takes a
 * network up to two thirds as long as its folds, others less.
 */
export async function fitCandidates(fitting: Fitting): Promise<{
  readonly trained: readonly TrainedCandidate[]
  /** Names of those that there was no time for. */
  readonly skipped: readonly CandidateName[]
}> {
  const { task, roles, splits, rowsOf, test, names, seed, ending, signal, onProgress } = fitting
  const trained: TrainedCandidate[] = []
  const skipped: CandidateName[] = []
  for (const [i, candidate] of candidates.entries()) {
    signal?.throwIfAborted()
    const { name, kind } = candidate
    // A line through quantiles would have to be found by linear programming.
    if (kind === 'linear' && task.kind === 'quantiles') continue
    const isAlwaysTried = i < leastCandidates
    if (!isAlwaysTried && !names.includes(name)) continue
    const end = shareOfTime(ending.deadline, kind === 'network' ? 4 : 2)
    // A network would learn next to nothing in less, and its features alone may take longer.
    if (kind === 'network' && end - performance.now() < leastForNetwork * splits.folds.length) {
      skipped.push(name)
      continue
    }
    const models: FittedCandidate[] = []
    const [watched, tests]: [Predictions[], Predictions[]] = [[], []]
    for (const fold of splits.folds) {
      if (!isAlwaysTried && ending.isOver) break
      onProgress(`${name}: fold ${models.length + 1} of ${splits.folds.length}`)
      const held = rowsOf(fold.test)
      const fitted = candidate.fit({
        task,
        roles,
        seed: seed + models.length,
        deadline: shareOfTime(end, splits.folds.length - models.length),
        // What has not been watched on all rows cannot be blended: it is given up at once.
        signal: isAlwaysTried ? signal : ending.either,
        training: rowsOf(fold.train),
        watched: held,
      })
      const model = await ending.unlessStopped(fitted)
      if (model === undefined) break
      models.push(model)
      watched.push(await predictRows(model, held.frame))
      tests.push(await predictRows(model, test.frame))
    }
    if (models.length < splits.folds.length) skipped.push(name)
    else {
      const shares = tests.map(() => 1 / tests.length)
      trained.push({ name, models, watched: joined(watched), test: blended(tests, shares) })
    }
  }
  return { trained, skipped }
}

/** When one of so many equal parts of the time until a deadline is over. */
function shareOfTime(deadline: number, parts: number): number {
  const now = performance.now()
  return now + (deadline - now) / parts
}

/** The parts of several folds, one behind the other. */
function joined(parts: readonly Predictions[]): Float64Array[] {
  const rows = parts.reduce((sum, [first]) => sum + (first?.length ?? 0), 0)
  return (parts[0] ?? []).map((_, k) => {
    const all = new Float64Array(rows)
    let at = 0
    for (const part of parts) {
      const own = part[k] as Float64Array
      all.set(own, at)
      at += own.length
    }
    return all
  })
}
