import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Column, Frame } from '../frame.ts'
import { added } from '../schema.ts'
import { defineStep, type Learning, learnsNothing, Unreadable } from '../step.ts'

export type DropOptions = Readonly<Record<never, never>>

const noChecks = optionsOf<DropOptions>()({})

export const drop = defineStep<DropOptions, null>({
  kind: 'drop',
  check: (where, options) => checkOptions(where, options, noChecks),
  read: learnsNothing,
  outputs: (schema, { columns }) => new Map([...schema].filter(([name]) => !columns.includes(name))),
  apply: (frame, { columns }) => frame.without(columns),
})

export interface RenameOptions {
  /** The new names, in the order of the columns. */
  readonly to: readonly string[]
}

const renameChecks = optionsOf<RenameOptions>()({ to: checks.needed(checks.list) })

export const rename = defineStep<RenameOptions, null>({
  kind: 'rename',
  check: (where, options) => {
    checkOptions(where, options, renameChecks)
    const { to } = options as RenameOptions
    if (!to.every((name) => typeof name === 'string' && name !== ''))
      throw new ArgumentError({ where: `${where}: to`, expected: 'names', received: JSON.stringify(to) })
  },
  read: learnsNothing,
  outputs: (schema, { columns, options: { to }, where }) => {
    if (to.length !== columns.length)
      throw new ArgumentError({
        where,
        expected: `a new name for each of ${columns.join(', ')}`,
        received: to.join(', '),
      })
    const made: Map<string, ReturnType<typeof schema.get> & string> = new Map()
    for (const [name, type] of schema) added(made, to[columns.indexOf(name)] ?? name, type)
    return made
  },
  apply: (frame, { columns, options: { to } }) =>
    frame.withAll(
      new Map(Array.from(frame.columns, ([name, column]) => [to[columns.indexOf(name)] ?? name, column])),
    ),
  invert: (frame, { columns, options: { to } }) =>
    frame.withAll(
      new Map(Array.from(frame.columns, ([name, column]) => [columns[to.indexOf(name)] ?? name, column])),
    ),
})

/** Names of columns that are left out. */
const readNames = (learned: unknown): readonly string[] => {
  if (Array.isArray(learned) && learned.every((name) => typeof name === 'string')) return learned
  throw new Unreadable('names of columns')
}

export interface DropConstantOptions {
  /** Whether a missing cell is a value too, so that a column of some that are missing is not constant. Default true. */
  readonly countMissing?: boolean
}

const constantChecks = optionsOf<DropConstantOptions>()({ countMissing: checks.boolean })

export const dropConstant = defineStep<DropConstantOptions, readonly string[]>({
  kind: 'dropConstant',
  check: (where, options) => checkOptions(where, options, constantChecks),
  isOfRows: true,
  learn: ({ columns, options: { countMissing = true } }): Learning<readonly string[]> => {
    const first = new Map<string, unknown>()
    const varying = new Set<string>()
    return {
      add: (frame) => {
        for (const name of columns)
          for (const cell of varying.has(name) ? [] : cellsOf(frame.column(name))) {
            if (cell === null && !countMissing) continue
            if (!first.has(name)) first.set(name, cell)
            else if (first.get(name) !== cell) {
              varying.add(name)
              break
            }
          }
      },
      finish: () => columns.filter((name) => !varying.has(name)),
    }
  },
  read: readNames,
  outputs: (schema, { learned }) => new Map([...schema].filter(([name]) => !learned.includes(name))),
  apply: (frame, { learned }) => frame.without(learned),
})

/** What can be compared: missing numbers are null, and lists their text. */
const cellsOf = ({ type, values }: Column): unknown[] =>
  type === 'number' || type === 'date'
    ? Array.from(values, (value) => (Number.isNaN(value) ? null : value))
    : values.map((value) =>
        typeof value === 'object' && value !== null ? String(JSON.stringify(value)) : value,
      )

export interface DropSparseOptions {
  /** The share of cells that may be missing; columns with more go. Default 0.5. */
  readonly missing?: number
}

const sparseChecks = optionsOf<DropSparseOptions>()({ missing: checks.share })

export const dropSparse = defineStep<DropSparseOptions, readonly string[]>({
  kind: 'dropSparse',
  check: (where, options) => checkOptions(where, options, sparseChecks),
  isOfRows: true,
  learn: ({ columns, options: { missing = 0.5 } }): Learning<readonly string[]> => {
    const counts = new Map<string, number>()
    let rows = 0
    return {
      add: (frame) => {
        rows += frame.length
        for (const name of columns) counts.set(name, (counts.get(name) ?? 0) + missingIn(frame, name))
      },
      finish: () => columns.filter((name) => (counts.get(name) ?? 0) > missing * rows),
    }
  },
  read: readNames,
  outputs: (schema, { learned }) => new Map([...schema].filter(([name]) => !learned.includes(name))),
  apply: (frame, { learned }) => frame.without(learned),
})

const missingIn = (frame: Frame, name: string): number =>
  cellsOf(frame.column(name)).filter((cell) => cell === null).length

export interface DropMissingOptions {
  /** Whether a row goes that lacks any of the cells, or one that lacks all. Default 'any'. */
  readonly how?: 'any' | 'all'
}

const missingChecks = optionsOf<DropMissingOptions>()({ how: checks.oneOf('any', 'all') })

export const dropMissing = defineStep<DropMissingOptions, null>({
  kind: 'dropMissing',
  check: (where, options) => checkOptions(where, options, missingChecks),
  isOfRows: true,
  dropsRows: true,
  read: learnsNothing,
  apply: (frame) => frame,
  applyToFitted: (frame, { columns, options: { how = 'any' } }) => {
    const cells = columns.map((name) => cellsOf(frame.column(name)))
    const rows = Array.from({ length: frame.length }, (_, row) => row)
    const isLeft = (row: number): boolean =>
      how === 'any'
        ? cells.every((column) => column[row] !== null)
        : cells.some((column) => column[row] !== null)
    return frame.rowsAt(rows.filter(isLeft))
  },
  invert: null,
})

export interface DropDuplicatesOptions {
  /** Which of several rows that are the same stays. Default 'first'. */
  readonly keep?: 'first' | 'last' | 'none'
}

const duplicateChecks = optionsOf<DropDuplicatesOptions>()({ keep: checks.oneOf('first', 'last', 'none') })

/** Positions of the rows that go, which concern no other rows. */
type Left = ReadonlySet<number> | null

export const dropDuplicates = defineStep<DropDuplicatesOptions, Left>({
  kind: 'dropDuplicates',
  check: (where, options) => checkOptions(where, options, duplicateChecks),
  isOfRows: true,
  dropsRows: true,
  learn: ({ columns, options: { keep = 'first' }, where }): Learning<Left> => {
    const seen = new Map<string, number>()
    const left = new Set<number>()
    return {
      add: (frame) => {
        const cells = columns.map((name) => keysOf(frame, name, where))
        for (let row = 0; row < frame.length; row++) {
          const key = JSON.stringify(cells.map((column) => column[row]))
          const position = frame.positionOf(row)
          const before = seen.get(key)
          if (before === undefined) seen.set(key, position)
          else {
            if (keep !== 'last') left.add(position)
            if (keep !== 'first') left.add(before)
            if (keep === 'last') seen.set(key, position)
          }
        }
      },
      finish: () => left,
    }
  },
  kept: () => null,
  read: () => null,
  apply: (frame) => frame,
  applyToFitted: (frame, { learned }) => {
    const rows = Array.from({ length: frame.length }, (_, row) => row)
    return frame.rowsAt(rows.filter((row) => learned?.has(frame.positionOf(row)) !== true))
  },
  invert: null,
})

/** Cells as texts that differ where cells do; missing ones are the same as each other. */
function keysOf(frame: Frame, name: string, where: string): unknown[] {
  const { type, values } = frame.column(name, where)
  if (type === 'number' || type === 'date')
    return Array.from(values, (value) =>
      Number.isNaN(value) ? null : value === Infinity || value === -Infinity ? String(value) : value + 0,
    )
  return values.map((value) => {
    if (typeof value === 'bigint') return `${value}n`
    if (value instanceof Uint8Array) return [...value]
    if (typeof value === 'symbol' || typeof value === 'function')
      throw new DataError({
        where: `${where}: column '${name}'`,
        expected: 'cells that can be compared',
        received: typeof value,
      })
    return value
  })
}
