import { recipe } from '@typegrad/data'
import type { FitContext } from '../candidates/candidate.ts'
import type { NetworkKind } from '../candidates/network.ts'
import { columnRoles } from '../features/column-roles.ts'
import type { TrainedTask } from '../scores/metrics.ts'

/** What each task predicts, of a signal between −3 and 3. */
export const taskTargets = {
  binary: (value: number) => (value > 0 ? 1 : 0),
  classes: (value: number) => (value < -1 ? 0 : value < 1 ? 1 : 2),
  regression: (value: number) => 100 + 30 * value,
  counts: (value: number) => Math.round(Math.exp(0.7 * value)),
  quantiles: (value: number) => 100 + 30 * value,
  labels: (value: number) => (value > 0 ? 1 : 0) + (value > 1 ? 2 : 0),
  // Of a ranking, targets are places in lists of relevance.
  ranking: (value: number) => (value < -1 ? 0 : value < 1 ? 1 : 2),
} as const satisfies Record<TrainedTask['kind'], (value: number) => number>

/** A task of each kind on some rows, three quarters of which are learned from. */
export async function taskContext(
  kind: TrainedTask['kind'],
  cells: readonly object[],
  signal: readonly number[],
): Promise<FitContext> {
  const { frame } = await recipe([]).fitTransform(cells)
  const rows = cells.length
  const split = (3 * rows) / 4
  const relevance = Float64Array.from(signal, taskTargets[kind])
  const values = kind === 'ranking' ? relevance.map((_, row) => row) : relevance
  const found = {
    targets: ['y'],
    rows: Uint32Array.from(values, (_, i) => i),
    missing: 0,
    reason: '',
    values,
  }
  const task = {
    ...found,
    kind,
    ...(kind === 'binary' && { classes: [0, 1] }),
    ...(kind === 'classes' && { classes: [0, 1, 2] }),
    ...(kind === 'ranking' && { relevance, lists: values.map((row) => Math.floor(row / 20)) }),
    ...(kind === 'labels' && { labels: ['positive', 'large'] }),
    ...(kind === 'quantiles' && { levels: [0.1, 0.9] }),
  } as TrainedTask
  const part = (from: number, to: number) => ({
    frame: frame.rowsAt(Uint32Array.from({ length: to - from }, (_, i) => from + i)),
    values: values.slice(from, to),
  })
  return {
    task,
    roles: columnRoles(frame, []),
    training: part(0, split),
    watched: part(split, rows),
    seed: 3,
    deadline: Number.POSITIVE_INFINITY,
    signal: undefined,
  }
}

/** A kind of network that learns for a few epochs alone. */
export const shortened = (kind: NetworkKind<string>, epochs: number): NetworkKind<string> => ({
  ...kind,
  rules: (task) => ({ ...kind.rules(task), epochs }),
})
