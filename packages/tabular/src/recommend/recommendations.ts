import type { Category } from '@typegrad/data'
import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'

/** What an answer is based on: what was learned of the user or the item; or, of one that was never seen, features, or what all others took. */
export type Basis = 'model' | 'features' | 'popularity'

/** An item with its score: the rating that is expected, or how much rather it is taken than others. */
export interface RecommendedItem {
  readonly item: Category
  readonly score: number
}

/** Items for a user, or like an item, the best first. */
export interface Recommendations {
  readonly basis: Basis
  readonly items: readonly RecommendedItem[]
}

/** Scores of pairs. */
export interface PairScores {
  /** In the order of the rows. */
  readonly scores: Float64Array
  /** Users and items of the rows that were never seen: their scores are means of what was. */
  readonly unseen: { readonly users: readonly Category[]; readonly items: readonly Category[] }
}

export interface ListOptions {
  /** Whether what the user took is among it. Default false. */
  readonly includeSeen?: boolean
  /**
   * Items that the user took, the latest last, in place of what the table said: for a session, or someone new. SASRec and neighbours of
   * what is taken answer by them alone; other models leave them out of the list, and nothing more. Default what the table said.
   */
  readonly history?: readonly Category[]
  /**
   * `'approximate'`: of models of vectors a part of the items is looked at, those that are near; for hundreds of thousands of items. Default
   * `'exact'`.
   */
  readonly search?: 'exact' | 'approximate'
  /** A row of features of someone who was never seen, by the columns of `userFeatures`. Default none. */
  readonly features?: object
}

export const listChecks = optionsOf<ListOptions>()({
  includeSeen: checks.boolean,
  history: checks.list,
  search: checks.oneOf('exact', 'approximate'),
  features: checks.anything,
})
