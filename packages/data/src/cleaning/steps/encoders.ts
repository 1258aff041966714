import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type Category, type Column, type Frame, numberColumn, textColumn } from '../frame.ts'
import { replacedIn, retyped } from '../schema.ts'
import { columnsIn, defineStep, type Use } from '../step.ts'
import {
  type CategoryTable,
  learnCategories,
  placesOf,
  type RareOptions,
  rareChecks,
  readCategories,
  unknownCategory,
} from './category-table.ts'

export interface OneHotOptions extends RareOptions {
  /**
   * What becomes of a category that was not there when the step was fitted: an error, zeros in all columns, or the group of the rare
   * ones (zeros, where none was rare). Default 'error'.
   */
  readonly unknown?: 'error' | 'ignore' | 'other'
  /** A column that is left out, as the others tell of it: the first, or the first of two. Default none. */
  readonly drop?: 'first' | 'ifBinary'
  /** What the group of the rare ones is called: `city_other`. Default 'other'. */
  readonly other?: string
}

const oneHotChecks = optionsOf<OneHotOptions>()({
  unknown: checks.oneOf('error', 'ignore', 'other'),
  drop: checks.oneOf('first', 'ifBinary'),
  other: checks.string,
  ...rareChecks,
})

/** Columns that one column may become: beyond it, names of people and numbers of orders are mistaken for categories. */
const mostColumns = 10_000

type OneHotUse = Use<OneHotOptions, readonly CategoryTable[]>

/** A column that one-hot encoding makes: what of, and its name. */
interface HotColumn {
  readonly of: Category | 'rare' | 'missing'
  readonly isGroup: boolean
  readonly name: string
}

function hotColumns(name: string, table: CategoryTable, options: OneHotOptions): readonly HotColumn[] {
  return allHotColumns(name, table, options).slice(droppedOf(table, options))
}

const hasMissingColumn = ({ categories, rare, hasMissing }: CategoryTable): boolean =>
  hasMissing && !rare.includes(categories.length)

function allHotColumns(name: string, table: CategoryTable, { other = 'other' }: OneHotOptions): HotColumn[] {
  const { frequent } = placesOf(table)
  const columns = frequent.map((of) => ({ of, isGroup: false, name: `${name}_${of}` }))
  if (hasMissingColumn(table)) columns.push({ of: 'missing', isGroup: true, name: `${name}_missing` })
  if (table.rare.length > 0) columns.push({ of: 'rare', isGroup: true, name: `${name}_${other}` })
  return columns
}

/** How many of the first columns are left out: 0 or 1. */
function droppedOf(table: CategoryTable, options: OneHotOptions): number {
  const count = allHotColumns('', table, options).length
  return Number(options.drop === 'first' || (options.drop === 'ifBinary' && count === 2))
}

export const oneHot = defineStep<OneHotOptions, readonly CategoryTable[]>({
  kind: 'oneHot',
  check: (where, options) => checkOptions(where, options, oneHotChecks),
  takes: ['text', 'number', 'boolean'],
  learn: ({ columns, options, where }) => {
    const learning = learnCategories(columns, where, { ...options, missingMayBeRare: true })
    return {
      add: learning.add,
      finish: () => {
        const tables = learning.finish()
        for (const [i, table] of tables.entries()) {
          const { length } = allHotColumns('', table, options)
          if (length <= mostColumns) continue
          throw new DataError({
            where: `${where}: column '${columns[i]}'`,
            expected: `at most ${mostColumns} categories`,
            received: String(length),
            fix: 'minFrequency or maxCategories group the rare ones; targetEncode makes one column of them.',
          })
        }
        return tables
      },
    }
  },
  read: readCategories,
  outputs: (schema, { columns, options, learned }) =>
    replacedIn(schema, columns, (name, i) =>
      hotColumns(name, learned[i] as CategoryTable, options).map((hot) => hot.name),
    ),
  apply: (frame, use) => {
    const made = new Map<string, [string, Column][]>()
    for (const [name, table] of columnsIn(frame, use)) made.set(name, hotValues(frame, name, table, use))
    return frame.replaced(made)
  },
  invert: (frame, { columns, options, learned }) => {
    let made = frame
    for (const [i, name] of columns.entries()) {
      const table = learned[i] as CategoryTable
      const hot = hotColumns(name, table, options)
      const first = hot.find((one) => frame.has(one.name))
      if (first === undefined) continue
      made = made.replaced(new Map([[first.name, [[name, categoriesBack(frame, table, hot, options)]]]]))
      made = made.without(hot.map((one) => one.name))
    }
    return made
  },
})

function hotValues(frame: Frame, name: string, table: CategoryTable, use: OneHotUse): [string, Column][] {
  const { options, where } = use
  const { unknown = 'error' } = options
  const all = allHotColumns(name, table, options)
  const values = all.map(() => new Float64Array(frame.length))
  const places = placesOf(table)
  const groupAt = (of: 'missing' | 'rare'): number => all.findIndex((one) => one.isGroup && one.of === of)
  const at = {
    missing: groupAt('missing'),
    rare: groupAt('rare'),
    unknown: unknown === 'other' ? groupAt('rare') : -1,
  }
  const ofMissing = hasMissingColumn(table) ? 'missing' : table.hasMissing ? 'rare' : 'unknown'
  for (const [row, cell] of frame.categories(name, where).entries()) {
    const place = cell === null ? ofMissing : places.placeOf(cell)
    if (place === 'unknown' && unknown === 'error') {
      if (cell !== null) throw unknownCategory(frame, where, name, row, cell, table.categories)
      throw new DataError({
        where: frame.placeOf(where, name, row),
        expected: 'a category: none was missing when the step was fitted',
        received: 'a missing cell',
        fix: `cleaning.impute('${name}', …) fills it, unknown: 'ignore' makes zeros of it.`,
      })
    }
    const column = values[typeof place === 'number' ? place : at[place]]
    if (column !== undefined) column[row] = 1
  }
  const dropped = droppedOf(table, options)
  return all.slice(dropped).map((hot, i) => [hot.name, numberColumn(values[i + dropped] as Float64Array)])
}

/** The category whose column is largest; of zeros, the one that was left out, or none. */
function categoriesBack(
  frame: Frame,
  table: CategoryTable,
  hot: readonly HotColumn[],
  options: OneHotOptions,
): Column {
  const values = hot.map((one) => frame.numbers(one.name, 'inverse: oneHot'))
  const dropped = droppedOf(table, options) === 1 ? allHotColumns('', table, options)[0] : undefined
  const { other = 'other' } = options
  const isText = typeof table.categories[0] === 'string'
  const cellOf = (one: HotColumn | undefined): Category | null => {
    if (one === undefined || (one.isGroup && one.of === 'missing')) return null
    return one.isGroup ? (isText ? other : null) : one.of
  }
  const cells = Array.from({ length: frame.length }, (_, row) => {
    let best = -1
    let most = 0
    for (const [i, column] of values.entries())
      if ((column[row] as number) > most) [best, most] = [i, column[row] as number]
    return cellOf(best < 0 ? dropped : hot[best])
  })
  return columnOfCategories(cells, table.categories[0] as Category)
}

function columnOfCategories(cells: readonly (Category | null)[], like: Category): Column {
  if (typeof like === 'number')
    return numberColumn(Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell))))
  return typeof like === 'string'
    ? textColumn(cells as readonly (string | null)[])
    : { type: 'boolean', values: cells }
}

export interface OrdinalOptions extends RareOptions {
  /** The categories in their order, such as ['small', 'medium', 'large']. Default those that come, in the order of the alphabet or of numbers. */
  readonly order?: readonly Category[]
  /** What becomes of a category that was not there when the step was fitted: an error, `unknownValue`, or the number of the group of the rare ones (`unknownValue`, where none was rare). Default 'error'. */
  readonly unknown?: 'error' | 'value' | 'other'
  /** The number of such a category. Default -1. */
  readonly unknownValue?: number
}

const ordinalChecks = optionsOf<OrdinalOptions>()({
  order: checks.list,
  unknown: checks.oneOf('error', 'value', 'other'),
  unknownValue: checks.finite,
  ...rareChecks,
})

export const ordinal = defineStep<OrdinalOptions, readonly CategoryTable[]>({
  kind: 'ordinal',
  check: (where, options) => {
    checkOptions(where, options, ordinalChecks)
    const { order, minFrequency, maxCategories } = options as OrdinalOptions
    if (order === undefined) return
    const isOne =
      order.length > 0 &&
      order.every(
        (one) => typeof one === typeof order[0] && ['string', 'number', 'boolean'].includes(typeof one),
      )
    if (!isOne || new Set(order).size < order.length)
      throw new ArgumentError({
        where: `${where}: order`,
        expected: 'different categories of one type',
        received: JSON.stringify(order),
      })
    if (minFrequency !== undefined || maxCategories !== undefined)
      throw new ArgumentError({
        where: `${where}: order`,
        expected: 'an order, or a group of rare categories',
        received: 'both',
      })
  },
  takes: ['text', 'number', 'boolean'],
  learn: ({ columns, options, where }) => learnCategories(columns, where, options),
  read: readCategories,
  outputs: (schema, { columns }) => retyped(schema, columns, 'number'),
  apply: (frame, use) => {
    const { unknown = 'error', unknownValue = -1 } = use.options
    return frame.with(
      Array.from(columnsIn(frame, use), ([name, table]) => {
        const places = placesOf(table)
        const group = table.rare.length > 0 ? places.frequent.length : unknownValue
        const codes = frame.categories(name, use.where).map((cell, row) => {
          if (cell === null) return Number.NaN
          const place = places.placeOf(cell)
          if (place === 'rare') return group
          if (place !== 'unknown') return place
          if (unknown === 'error') throw unknownCategory(frame, use.where, name, row, cell, table.categories)
          return unknown === 'other' ? group : unknownValue
        })
        return [name, numberColumn(Float64Array.from(codes))] as const
      }),
    )
  },
  invert: (frame, use) =>
    frame.with(
      Array.from(columnsIn(frame, use), ([name, table]) => {
        const { frequent } = placesOf(table)
        const cells = Array.from(frame.numbers(name, 'inverse: ordinal'), (code) => frequent[code] ?? null)
        return [name, columnOfCategories(cells, table.categories[0] as Category)] as const
      }),
    ),
})

export interface GroupRareOptions extends RareOptions {
  /** What the group is called. Default 'other'. */
  readonly other?: string
  /** What becomes of a category that was not there when the step was fitted: it joins the group, stays, or is an error. Default 'other'. */
  readonly unknown?: 'other' | 'keep' | 'error'
}

const groupChecks = optionsOf<GroupRareOptions>()({
  other: checks.string,
  unknown: checks.oneOf('other', 'keep', 'error'),
  ...rareChecks,
})

export const groupRare = defineStep<GroupRareOptions, readonly CategoryTable[]>({
  kind: 'groupRare',
  check: (where, options) => checkOptions(where, options, groupChecks),
  takes: ['text'],
  learn: ({ columns, options, where }) => learnCategories(columns, where, options),
  read: readCategories,
  apply: (frame, use) => {
    const { other = 'other', unknown = 'other' } = use.options
    return frame.with(
      Array.from(columnsIn(frame, use), ([name, table]) => {
        const places = placesOf(table)
        const cells = frame.texts(name, use.where).map((cell, row) => {
          const place = cell === null ? 0 : places.placeOf(cell)
          if (cell === null || typeof place === 'number') return cell
          if (place === 'unknown' && unknown === 'keep') return cell
          if (place === 'unknown' && unknown === 'error')
            throw unknownCategory(frame, use.where, name, row, cell, table.categories)
          return other
        })
        return [name, textColumn(cells)] as const
      }),
    )
  },
  invert: null,
})
