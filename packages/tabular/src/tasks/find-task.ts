import type { Category, Column, Frame } from '@typegrad/data'
import { ArgumentError, DataError } from 'typegrad/core'
import { checkColumn } from '../features/frame-of.ts'
import { checkTargetColumn, tooFewKnown } from './bad-targets.ts'
import type { LabelsTask, Task, TaskKind } from './task.ts'

export interface TaskOptions {
  /** The kind of task. Default what the target's values look like. */
  readonly task?: TaskKind
  /** Levels of `quantiles`, between 0 and 1. Default [0.1, 0.5, 0.9]; given, they make the task one of quantiles. */
  readonly quantiles?: readonly number[]
  /** Of `ranking`: the column whose equal values are one list. */
  readonly group?: string
  /** Of two classes the one whose probability is predicted. Default the later one by the alphabet, true, or the greater number. */
  readonly positive?: Category
}

/** Whole numbers with no more values than this are classes. */
const mostWholeClasses = 10
/** A number of classes that nothing is learned from: identifiers and free texts have more. */
const mostClasses = 200

/**
 * What a target is. Texts and truth values are classes; numbers are classes where they are two, or whole and at most ten; counts where they
 * are whole, from 0 on, and their variance exceeds their mean; else they are numbers. Several columns of two values each are labels.
 * Quantiles and rankings have to be asked for.
 *
 * @throws ArgumentError for a column that there is not, and options that do not fit; DataError for a target that nothing can be learned
 * from: constant, missing, different in each row, a class of one row.
 */
export function findTask(frame: Frame, target: string | readonly string[], options: TaskOptions = {}): Task {
  const targets = typeof target === 'string' ? [target] : target
  for (const name of targets) checkColumn(frame, 'target', name)
  const [first, ...others] = targets
  if (first === undefined)
    throw new ArgumentError({ where: 'target', expected: "a column's name", received: 'none' })
  const kind = options.task ?? (options.quantiles === undefined ? undefined : 'quantiles')
  if (others.length > 0 || kind === 'labels') return labelsTask(frame, targets, kind)
  const column = frame.column(first)
  const known = knownRows(first, column)
  checkTargetColumn(first, column, known)
  const found = { targets, rows: known, missing: frame.length - known.length }
  const byKind: Readonly<Record<Exclude<TaskKind, 'labels'>, (reason: string) => Task>> = {
    binary: (reason) => {
      const { classes, values } = classesOf(first, column, known)
      const [a, b, ...more] = classes
      if (a === undefined || b === undefined || more.length > 0)
        throw wrongKind(first, 'binary', 'two values', `${classes.length}`)
      const isTurned = options.positive === a
      if (options.positive !== undefined && options.positive !== a && options.positive !== b)
        throw new ArgumentError({
          where: 'positive',
          expected: `one of the values of '${first}', ${JSON.stringify(a)} and ${JSON.stringify(b)}`,
          received: JSON.stringify(options.positive),
        })
      return {
        ...found,
        reason,
        kind: 'binary',
        classes: isTurned ? [b, a] : [a, b],
        values: isTurned ? values.map((value) => 1 - value) : values,
      }
    },
    classes: (reason) => ({ ...found, reason, kind: 'classes', ...classesOf(first, column, known) }),
    regression: (reason) => ({
      ...found,
      reason,
      kind: 'regression',
      values: numbersOf(first, column, known, 'regression'),
    }),
    counts: (reason) => {
      const values = numbersOf(first, column, known, 'counts')
      const wrong = values.find((value) => value < 0)
      if (wrong !== undefined) throw wrongKind(first, 'counts', 'numbers of at least 0', String(wrong))
      return { ...found, reason, kind: 'counts', values }
    },
    quantiles: (reason) => ({
      ...found,
      reason,
      kind: 'quantiles',
      levels: levelsOf(options.quantiles ?? [0.1, 0.5, 0.9]),
      values: numbersOf(first, column, known, 'quantiles'),
    }),
    ranking: (reason) => {
      const { group } = options
      if (group === undefined)
        throw new ArgumentError({
          where: 'group',
          expected: 'the column whose equal values are one list to be ordered',
          received: 'none',
        })
      checkColumn(frame, 'target', group)
      return {
        ...found,
        reason,
        kind: 'ranking',
        group,
        values: numbersOf(first, column, known, 'ranking'),
      }
    },
  }
  if (kind !== undefined) return byKind[kind]('it was asked for')
  const [likely, reason] = likelyKind(column, known)
  return byKind[likely](reason)
}

/** What values look like, and why. */
function likelyKind(
  { type, values }: Column,
  rows: Uint32Array,
): readonly ['binary' | 'classes' | 'regression' | 'counts', string] {
  const distinct = new Set(Array.from(rows, (row) => values[row]))
  if (distinct.size === 2) return ['binary', 'it has two values']
  if (type !== 'number') return ['classes', `it has ${distinct.size} values that are no numbers`]
  const numbers = Float64Array.from(rows, (row) => values[row] as number)
  const areWhole = numbers.every(Number.isInteger)
  if (areWhole && distinct.size <= mostWholeClasses)
    return ['classes', `it has ${distinct.size} values, all of them whole`]
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length
  if (areWhole && distinct.has(0) && numbers.every((value) => value >= 0) && mean < 20 && variance > mean)
    return ['counts', 'it has whole numbers from 0 on that vary more than their mean']
  return ['regression', `it has ${distinct.size} different numbers`]
}

/** Classes in the order of the alphabet or of numbers, and each known row's. */
function classesOf(
  name: string,
  { values }: Column,
  rows: Uint32Array,
): { readonly classes: readonly Category[]; readonly values: Float64Array } {
  const counts = new Map<Category, number>()
  for (const row of rows) {
    const cell = values[row] as Category
    counts.set(cell, (counts.get(cell) ?? 0) + 1)
  }
  const classes = [...counts.keys()].sort((a, b) => (a < b ? -1 : 1))
  if (classes.length > mostClasses)
    throw new DataError({
      where: `target '${name}'`,
      expected: `at most ${mostClasses} classes`,
      received: `${classes.length} different values in ${rows.length} rows`,
      fix: 'Make the rare ones one class, or predict a number.',
    })
  const single = classes.filter((one) => counts.get(one) === 1)
  if (single.length > 0)
    throw new DataError({
      where: `target '${name}'`,
      expected: 'at least two rows of each class, one to learn from and one to judge by',
      received: `one row of ${single.slice(0, 5).map(String).join(', ')}${single.length > 5 ? ` and ${single.length - 5} more` : ''}`,
      fix: 'Leave these rows out, or make the rare classes one.',
    })
  const places = new Map(classes.map((one, i) => [one, i]))
  return { classes, values: Float64Array.from(rows, (row) => places.get(values[row] as Category) as number) }
}

function labelsTask(frame: Frame, targets: readonly string[], kind: TaskKind | undefined): LabelsTask {
  if (kind !== undefined && kind !== 'labels')
    throw new ArgumentError({
      where: 'target',
      expected: `one column for the task '${kind}'`,
      received: `${targets.length}`,
    })
  const columns = targets.map((name) => frame.column(name))
  const rows = knownRows(targets.join("', '"), ...columns)
  const values = columns.map((column, i) => {
    const name = targets[i] as string
    checkTargetColumn(name, column, rows)
    const { classes, values } = classesOf(name, column, rows)
    if (classes.length !== 2) throw wrongKind(name, 'labels', 'two values', `${classes.length}`)
    return values
  })
  return {
    kind: 'labels',
    targets,
    labels: targets,
    rows,
    missing: frame.length - rows.length,
    reason: `there are ${targets.length} columns of two values each`,
    values,
  }
}

/** Rows in which none of the columns is missing. */
function knownRows(name: string, ...columns: readonly Column[]): Uint32Array {
  const length = columns[0]?.values.length ?? 0
  const isKnown = ({ values }: Column, row: number): boolean =>
    values[row] !== null && !Number.isNaN(values[row])
  const rows = Uint32Array.from({ length }, (_, row) => row).filter((row) =>
    columns.every((column) => isKnown(column, row)),
  )
  if (rows.length < 10 || rows.length < length / 2) throw tooFewKnown(name, rows.length, length)
  return rows
}

function numbersOf(name: string, { type, values }: Column, rows: Uint32Array, kind: TaskKind): Float64Array {
  if (type !== 'number') throw wrongKind(name, kind, 'numbers', type === 'boolean' ? 'truth values' : type)
  const numbers = Float64Array.from(rows, (row) => values[row] as number)
  const wrong = numbers.findIndex((value) => !Number.isFinite(value))
  if (wrong < 0) return numbers
  throw new DataError({
    where: `target '${name}', row ${rows[wrong]}`,
    expected: 'a finite number',
    received: String(numbers[wrong]),
  })
}

function levelsOf(levels: readonly number[]): readonly number[] {
  const sorted = [...levels].sort((a, b) => a - b)
  if (
    sorted.length > 0 &&
    new Set(sorted).size === sorted.length &&
    sorted.every((level) => level > 0 && level < 1)
  )
    return sorted
  throw new ArgumentError({
    where: 'quantiles',
    expected: 'different levels above 0 and below 1, such as [0.1, 0.5, 0.9]',
    received: JSON.stringify(levels),
  })
}

const wrongKind = (name: string, kind: TaskKind, expected: string, received: string): DataError =>
  new DataError({
    where: `target '${name}'`,
    expected: `${expected} for the task '${kind}'`,
    received,
    fix: 'Leave the option task out to have it found.',
  })
