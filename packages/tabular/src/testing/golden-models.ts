import { readFileSync } from 'node:fs'
import type { TreeLossName } from '../trees/losses.ts'

/** tools/golden/make_table_models.py: linear models and metrics of scikit-learn. */
export const golden: {
  readonly x: readonly (readonly number[])[]
  readonly targets: Readonly<Record<'squaredError' | 'logistic' | 'softmax' | 'poisson', readonly number[]>>
  readonly linear: readonly {
    readonly loss: Exclude<TreeLossName, 'quantile'>
    readonly l2: number
    readonly predictions: readonly (readonly number[])[]
  }[]
  readonly metrics: Readonly<
    Record<
      string,
      { readonly predictions: readonly (readonly number[])[] } & Readonly<Record<string, unknown>>
    >
  >
} = JSON.parse(readFileSync(new URL('../../golden/table-models.json', import.meta.url), 'utf8'))

/** The path of a table that stands beside it: iris, diabetes. */
export const tablePath = (name: string): string =>
  new URL(`../../golden/${name}.csv`, import.meta.url).pathname
