import { cleaning, type FittedRecipe, type Frame, type Recipe, recipe } from '@typegrad/data'
import { mostCategories } from '../trees/bins.ts'
import type { ColumnRoles } from './column-roles.ts'
import { categoryCounts, commonSteps, hasNumbers, on } from './recipes.ts'

/** What networks are given of rows: numbers and codes of categories, row by row. */
export interface NetworkRows {
  readonly rows: number
  /** `rows · numbers` of them; NaN is missing. */
  readonly numbers: Float32Array
  /** `rows · categories` of them: 0 is missing, or was not there when the features were fitted. */
  readonly codes: Int32Array
}

/** Codes of categories, with one that is missing or new as 0. */
const codes = ({ categories }: ColumnRoles) =>
  on(categories, (columns) => cleaning.ordinal(columns, { unknown: 'value', maxCategories: mostCategories }))

/** Numbers as they are, missing ones too. */
export const plainNetworkRecipe = (roles: ColumnRoles): Recipe =>
  recipe([...commonSteps(roles), ...codes(roles)])

/**
 * Numbers by their ranks as normal ones of deviation 1, without gaps, and with a column that tells of each gap. The quantiles are of 30
 * rows each, 10 to 1000 of them, as the authors of TabM take them.
 */
export const rankedNetworkRecipe = (roles: ColumnRoles, rows: number): Recipe => {
  const numbers = { type: 'number' } as const
  const count = Math.max(10, Math.min(1000, Math.floor(rows / 30)))
  return recipe([
    ...commonSteps(roles),
    ...(hasNumbers(roles)
      ? [
          cleaning.impute(numbers, { strategy: 'median', indicator: true }),
          cleaning.quantileTransform(numbers, { output: 'normal', count }),
          cleaning.standardize(numbers),
        ]
      : []),
    ...codes(roles),
    cleaning.dropConstant(),
  ])
}

/** Features of networks, fitted to rows. */
export class NetworkFeatures {
  readonly recipe: FittedRecipe
  readonly numbers: readonly string[]
  readonly categories: readonly string[]
  /** Codes of each column of categories, the 0 of missing and new ones included. */
  readonly sizes: readonly number[]

  constructor(fitted: FittedRecipe, names: readonly string[], categories: readonly string[]) {
    const counts = categoryCounts(fitted)
    this.recipe = fitted
    this.categories = names.filter((name) => categories.includes(name))
    this.numbers = names.filter((name) => !categories.includes(name))
    this.sizes = this.categories.map((name) => (counts.get(name) ?? 1) + 1)
  }

  /** Rows of a table as the network takes them. */
  async of(frame: Frame): Promise<NetworkRows> {
    return this.rowsOf(await this.recipe.transform(frame))
  }

  /** Rows that the recipe has transformed. */
  rowsOf(made: Frame): NetworkRows {
    const rows = made.length
    const spread = <T extends Float32Array | Int32Array>(
      all: T,
      names: readonly string[],
      of: (value: number, column: number) => number,
    ): T => {
      names.forEach((name, column) => {
        const values = made.numbers(name, 'network')
        for (let row = 0, at = column; row < rows; row++, at += names.length)
          all[at] = of(values[row] as number, column)
      })
      return all
    }
    const { numbers, categories, sizes } = this
    return {
      rows,
      numbers: spread(new Float32Array(rows * numbers.length), numbers, (value) => value),
      codes: spread(new Int32Array(rows * categories.length), categories, (value, column) =>
        value >= 0 && value + 1 < (sizes[column] as number) ? value + 1 : 0,
      ),
    }
  }
}
