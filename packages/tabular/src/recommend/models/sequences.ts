import { hostRandom, type Tensor, tensor } from 'typegrad/core'
import { type Grouped, grouped, othersOf } from '../interactions/interactions.ts'
import { SequenceNetwork } from '../networks/sequence-network.ts'
import { placesOf, trainingLoop } from '../networks/training-loop.ts'
import type { FitContext, FittedScorer, RecommendCandidate } from './scorer.ts'
import { SequenceScorer } from './sequence-scorer.ts'
import { watchLists } from './watch-lists.ts'

const shape = { dimensions: 64, blocks: 2, heads: 2, rate: 0.2 } as const
/** Items of a sequence at most. */
const mostLength = 50
const learningRate = 0.001
const mostBatch = 64
/** So many steps a pass has at least: of few sequences, batches are small. */
const leastSteps = 8
const mostEpochs = 100
const patience = 5
/** Of more items than this, so many are drawn for each step. */
const mostCandidates = 2000

/** SASRec: what comes next, from what came before. */
export const sequences: RecommendCandidate<'SASRec'> = {
  name: 'SASRec',
  tasks: ['ranking'],
  needsTime: true,
  fit,
}

async function fit(context: FitContext): Promise<FittedScorer | undefined> {
  const { users, items, training, seed, deadline, signal, stop } = context
  const history = grouped(training, 'users', users)
  const length = Math.min(mostLength, longestOf(history))
  const network = new SequenceNetwork({ ...shape, length, items, seed })
  const windows = windowsOf(history, length)
  const all = placesOf(Int32Array.from({ length: items }, (_, item) => item))
  const below = hostRandom(seed, 0x5a5)
  const candidates = (): Tensor =>
    items <= mostCandidates ? all : placesOf(Int32Array.from({ length: mostCandidates }, () => below(items)))
  const scorer = (): Promise<SequenceScorer> => SequenceScorer.of(network, history)
  const epochs = await trainingLoop({
    weights: network.weights,
    batches: {
      rows: windows.length,
      batch: Math.max(1, Math.min(mostBatch, Math.floor(windows.length / leastSteps))),
      inputs: (rows) => [...batchOf(windows, length, rows), candidates()],
    },
    loss: ([before, next, weights, some]) =>
      network.loss(before as Tensor, next as Tensor, weights as Tensor, some as Tensor),
    learningRate,
    epochs: context.epochs ?? mostEpochs,
    ...watchLists(context, scorer),
    patience,
    seed,
    deadline,
    signal,
    stop,
  })
  if (epochs === 0) return undefined
  return { scorer: await scorer(), epochs }
}

/** Items of the user who took most. */
const longestOf = ({ starts }: Grouped): number =>
  starts.reduce((most, end, i) => Math.max(most, end - (starts[i - 1] ?? 0)), 1)

/** What users took, in windows of `length` items and the one that came next; the last windows are whole. */
function windowsOf(history: Grouped, length: number): Int32Array[] {
  const windows: Int32Array[] = []
  for (let user = 0; user + 1 < history.starts.length; user++) {
    const own = othersOf(history, user)
    for (let end = own.length; end > 1; end -= length)
      windows.push(own.subarray(Math.max(0, end - length - 1), end))
  }
  return windows
}

/** Items before, items next, and where there is a next one: (rows, length) each. */
function batchOf(windows: readonly Int32Array[], length: number, rows: Uint32Array): Tensor[] {
  const [before, next] = [new Int32Array(rows.length * length), new Int32Array(rows.length * length)]
  const weights = new Float32Array(rows.length * length)
  for (const [i, row] of rows.entries()) {
    const window = windows[row] as Int32Array
    before.set(window.subarray(0, -1), i * length)
    next.set(window.subarray(1), i * length)
    weights.fill(1, i * length, i * length + window.length - 1)
  }
  const wide = [rows.length, length] as const
  return [
    tensor(before, { dtype: 'int32', shape: wide }) as Tensor,
    tensor(next, { dtype: 'int32', shape: wide }) as Tensor,
    tensor(weights, { shape: wide }) as Tensor,
  ]
}
