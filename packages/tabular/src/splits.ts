import type { Frame } from '@typegrad/data'
import { type Fold, groupKFold, kFold, stratifiedKFold } from 'typegrad'
import { ArgumentError, DataError } from 'typegrad/core'
import { checkColumn } from './features/frame-of.ts'
import { hasLabel, type TrainedTask } from './scores/metrics.ts'
import type { TrainOptions } from './train-options.ts'

/** Places of a task's known rows: those that the model is judged on, and how the others are divided. */
export interface Splits {
  readonly training: Uint32Array
  readonly test: Uint32Array
  /** Of the training rows: places among all known rows, too. */
  readonly folds: readonly Fold[]
}

/** One that is judged on, and two that are watched in turn. */
const leastGroups = 3

/** Rows of more than this are divided into fewer parts. */
const manyRows = 20_000

/**
 * Divides the rows: by classes, by groups, or by time, as the options and the task have it.
 *
 * @throws ArgumentError for columns that there are not; DataError for those that make no parts.
 */
export async function splitRows(frame: Frame, task: TrainedTask, options: TrainOptions): Promise<Splits> {
  const { testShare = 0.2, seed = 0, time } = options
  // The rows of a list stay together.
  const groups = options.groups ?? (task.kind === 'ranking' && time === undefined ? task.group : undefined)
  if (groups !== undefined && time !== undefined)
    throw new ArgumentError({ where: 'train', expected: 'groups or time', received: 'both' })
  const rows = task.rows.length
  const { folds = rows > manyRows ? 3 : 5 } = options
  const all = Uint32Array.from({ length: rows }, (_, i) => i)
  if (time !== undefined)
    return withClasses(byTime(timesOf(frame, time, task.rows), testShare), task, `time '${time}'`)
  const labels = groups === undefined ? undefined : groupsOf(frame, groups, task.rows)
  const parts = (of: Uint32Array, count: number, key: number): AsyncGenerator<Fold> => {
    if (labels !== undefined)
      return groupKFold(
        Array.from(of, (i) => labels[i] as string),
        // Of few groups the parts are fewer.
        { folds: Math.min(count, new Set(Array.from(of, (i) => labels[i])).size) },
      )
    const all = stratified(task)
    const own = Float64Array.from(of, (i) => all[i] as number)
    return isDivisible(task, own, count)
      ? stratifiedKFold(own, { folds: count, shuffle: true, seed: seed + key })
      : kFold(of.length, { folds: Math.min(count, of.length), shuffle: true, seed: seed + key })
  }
  const outer = (await parts(all, Math.max(2, Math.round(1 / testShare)), 0).next()).value as Fold
  const inner: Fold[] = []
  for await (const { train, test } of parts(outer.train, folds, 1))
    inner.push({
      train: train.map((i) => outer.train[i] as number),
      test: test.map((i) => outer.train[i] as number),
    })
  const splits = { training: outer.train, test: outer.test, folds: inner }
  return groups === undefined ? splits : withClasses(splits, task, `groups '${groups}'`)
}

/** @throws DataError where a model would learn from rows of one class. */
function withClasses(splits: Splits, task: TrainedTask, by: string): Splits {
  if (task.kind !== 'binary' && task.kind !== 'classes') return splits
  for (const { train } of [{ train: splits.training }, ...splits.folds]) {
    const first = task.values[train[0] as number]
    if (train.some((place) => task.values[place] !== first)) continue
    throw new DataError({
      where: `train: ${by}`,
      expected: 'rows of several classes in each part that is learned from',
      received: `one with rows of ${String(task.classes[first as number])} alone`,
      fix: 'Divide by another column, or leave it out.',
    })
  }
  return splits
}

/** What folds have equal shares of: classes, and of several labels the rarest. */
function stratified(task: TrainedTask): Float64Array {
  if (task.kind !== 'labels') return task.values
  const all = task.labels.map((_, label) => task.values.map((set) => hasLabel(set, label)))
  const rarity = all.map((of) => {
    const count = of.reduce((sum, value) => sum + value, 0)
    return Math.min(count, of.length - count)
  })
  return all[rarity.indexOf(Math.min(...rarity))] as Float64Array
}

/** Whether there are classes, with a row for each part. */
function isDivisible({ kind }: TrainedTask, values: Float64Array, parts: number): boolean {
  if (kind !== 'binary' && kind !== 'classes' && kind !== 'labels') return false
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts.values()].every((count) => count >= parts)
}

/** The latest rows are judged on, and of the others the latest are watched. Rows of one moment stay together. */
function byTime(times: Float64Array, share: number): Splits {
  const order = Uint32Array.from({ length: times.length }, (_, i) => i).sort(
    (a, b) => (times[a] as number) - (times[b] as number) || a - b,
  )
  const cut = (of: Uint32Array): readonly [Uint32Array, Uint32Array] => {
    let at = Math.round(of.length * (1 - share))
    while (at > 0 && times[of[at - 1] as number] === times[of[at] as number]) at -= 1
    if (at === 0)
      throw new DataError({
        where: 'train: time',
        expected: 'moments that divide the rows into earlier and later ones',
        received: 'one moment in most of them',
      })
    return [of.slice(0, at), of.slice(at)]
  }
  const [training, test] = cut(order)
  const [train, watched] = cut(training)
  return { training, test, folds: [{ train, test: watched }] }
}

function groupsOf(frame: Frame, name: string, rows: Uint32Array): string[] {
  checkColumn(frame, 'train: groups', name)
  const cells = frame.cells(name)
  const groups = Array.from(rows, (row) => String(cells[row]))
  const count = new Set(groups).size
  if (count >= leastGroups) return groups
  throw new DataError({
    where: `train: groups '${name}'`,
    expected: `at least ${leastGroups} groups: one to judge on, the others to learn from and to watch in turn`,
    received: `${count} in ${rows.length} rows`,
    fix: 'Divide by another column, or leave it out.',
  })
}

function timesOf(frame: Frame, name: string, rows: Uint32Array): Float64Array {
  checkColumn(frame, 'train: time', name)
  const { type, values } = frame.column(name)
  const times = Float64Array.from(rows, (row) => Number(values[row]))
  if ((type === 'date' || type === 'number') && !times.some(Number.isNaN)) return times
  throw new DataError({
    where: `train: time '${name}'`,
    expected: 'a date or a number in each row',
    received: type === 'date' || type === 'number' ? 'missing cells' : type,
  })
}
