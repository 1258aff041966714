import { readFileSync } from 'node:fs'
import type { TreeLossName } from '../trees/losses.ts'

/** tools/golden/make_table_models.py: linear models and metrics of scikit-learn. */
export const golden: {
  readonly x: readonly (readonly number[])[]
  readonly targets: Readonly<Record<'squaredError' | 'logistic' | 'softmax' | 'poisson', readonly number[]>>
  readonly linear: readonly {
    readonly loss: Exclude<TreeLossName, 'quantile' | 'lambda'>
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

/** tools/golden/make_table_judging.py: isotonic regression, curves, and scores of labels and orders, by scikit-learn. */
export const judged: {
  readonly isotonic: readonly {
    readonly x: readonly number[]
    readonly y: readonly number[]
    readonly limits: readonly [number | null, number | null]
    readonly thresholds: readonly [readonly number[], readonly number[]]
    readonly places: readonly number[]
    readonly heights: readonly number[]
  }[]
  readonly curves: {
    readonly truth: readonly number[]
    readonly scores: readonly number[]
    readonly roc: readonly (readonly [number, number])[]
    readonly precisionRecall: readonly (readonly [number, number])[]
  }
  readonly labels: {
    readonly truth: readonly (readonly number[])[]
    readonly chances: readonly (readonly number[])[]
    readonly 'mean AUC': number
    readonly 'log loss': number
    readonly 'label accuracy': number
    readonly 'all labels right': number
  }
  readonly ranking: {
    readonly groups: readonly number[]
    readonly relevance: readonly number[]
    readonly scores: readonly number[]
    readonly NDCG: number
    readonly 'NDCG@5': number
  }
} = JSON.parse(readFileSync(new URL('../../golden/judging.json', import.meta.url), 'utf8'))
