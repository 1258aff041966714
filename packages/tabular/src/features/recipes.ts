import { cleaning, type FittedRecipe, type Frame, type Recipe, recipe, type Step } from '@typegrad/data'
import { mostCategories, type TreeColumn } from '../trees/bins.ts'
import type { ColumnRoles } from './column-roles.ts'

/** Terms of a column of texts. */
const mostTerms = 50
/** Columns that one category becomes for a linear model. */
const mostHotColumns = 50

/** A step for columns, if there are any. */
export const on = (columns: readonly string[], step: (columns: readonly string[]) => Step): Step[] =>
  columns.length > 0 ? [step(columns)] : []

/** What all models need: infinities are missing, dates and texts become numbers. */
export const commonSteps = ({ numbers, categories, dates, texts }: ColumnRoles): Step[] => [
  ...on(numbers, (columns) => cleaning.markMissing(columns, { infinite: true })),
  // Of a column with values of several types, each is a category by its text.
  ...on(categories, (columns) => cleaning.coerce(columns, { to: 'text' })),
  ...on(dates, (columns) =>
    cleaning.dateParts(columns, {
      parts: ['year', 'month', 'day', 'weekday', 'hour', 'epochDays'],
      cycles: [],
    }),
  ),
  ...on(texts, (columns) => cleaning.textCounts(columns)),
  ...on(texts, (columns) => cleaning.tfIdf(columns, { maxTerms: mostTerms })),
]

/** For trees: missing numbers stay, and categories become numbers, those that were not there before -1. */
export const treeRecipe = (roles: ColumnRoles): Recipe =>
  recipe([
    ...commonSteps(roles),
    ...on(roles.categories, (columns) =>
      cleaning.ordinal(columns, { unknown: 'value', maxCategories: mostCategories }),
    ),
  ])

/** For linear models: numbers of mean 0 and deviation 1 without gaps, and a column for each frequent category. */
export const linearRecipe = (roles: ColumnRoles): Recipe =>
  recipe([
    ...commonSteps(roles),
    ...(hasNumbers(roles)
      ? [cleaning.impute({ type: 'number' }, { indicator: true }), cleaning.standardize({ type: 'number' })]
      : []),
    ...on(roles.categories, (columns) =>
      cleaning.oneHot(columns, { unknown: 'ignore', maxCategories: mostHotColumns }),
    ),
    cleaning.dropConstant(),
  ])

export const hasNumbers = ({ numbers, dates, texts }: ColumnRoles): boolean =>
  numbers.length + dates.length + texts.length > 0

/**
 * The columns of a frame that a recipe has made, for trees.
 *
 * @param categories the columns that hold numbers of categories. How many there are, what the recipe learned tells.
 */
export function treeColumns(
  frame: Frame,
  fitted: FittedRecipe,
  categories: readonly string[],
): readonly TreeColumn[] {
  const counts = categoryCounts(fitted)
  return frame.names.map((name) => {
    const values = frame.numbers(name, 'trees')
    const count = categories.includes(name) ? counts.get(name) : undefined
    return count === undefined ? { values } : { values, categories: count }
  })
}

/** Categories of each column that the recipe made numbers of: the frequent ones, and one for those that are rare. */
export function categoryCounts({ learned }: FittedRecipe): ReadonlyMap<string, number> {
  const step = learned.find(({ kind }) => kind === 'ordinal')
  const tables = (step?.learned ?? []) as readonly {
    readonly categories: readonly unknown[]
    readonly rare: readonly number[]
  }[]
  return new Map(
    (step?.columns ?? []).map((name, i) => {
      const { categories = [], rare = [] } = tables[i] ?? {}
      return [name, Math.max(1, categories.length - rare.length + (rare.length > 0 ? 1 : 0))]
    }),
  )
}
