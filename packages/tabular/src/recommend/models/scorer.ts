/**
 * `recommend/models/`: what is tried: each is fitted to interactions while others are watched, and scores items for users. They know interactions,
 * networks and measures.
 */
import type { Saved } from '../../saving/saved.ts'
import type { FeatureRows } from '../interactions/feature-rows.ts'
import type { Grouped, Interactions } from '../interactions/interactions.ts'
import type { VectorRows } from '../retrieval/vector-rows.ts'

/** Whether ratings are predicted, or what will be taken. */
export type RecommendTask = 'ratings' | 'ranking'

/** Scores of items for users: ratings that are expected, or how much rather one item is taken than another. */
export interface Scorer {
  readonly kind: ScorerKind
  /** The score of each pair of places. -1 stands for a user or an item that was never seen. */
  pairs(users: Int32Array, items: Int32Array): Float64Array
  /** The scores of all items for a user, or for one that was never seen (-1). */
  all(user: number): Float64Array
  /** The nearest items of one, the nearest first; none where nothing is known of it but how popular it is. */
  similar(item: number, k: number): readonly ScoredItem[]
  /** The same that knows of users what these say, without anything being learned anew. Absent where it has to be. */
  readonly informed?: ((history: Grouped) => Promise<Scorer>) | undefined
  /** What scores are products of, for a search that looks at a part of the items. Absent where they are not. */
  readonly vectors?: ScorerVectors
  /** Scores of all items for someone who is known by features alone; undefined where nothing follows from them. */
  byFeatures?(features: ArrayLike<number>): Float64Array | undefined
  /** Whether what was never taken, or never took, is known by its features. Default false. */
  readonly usesFeatures?: boolean
  /** All that its reader needs. */
  toSaved(): Saved | Promise<Saved>
}

/** An item, by its place, with a score. */
export interface ScoredItem {
  readonly item: number
  readonly score: number
}

export type ScorerKind = 'vectors' | 'neighbours' | 'sequence' | 'towers' | 'blend'

/** What is known of users and items beside what they took. */
export interface SideFeatures {
  readonly users: FeatureRows | undefined
  readonly items: FeatureRows | undefined
}

/** Scores as products: μ + b_u + c_i + p_u · q_i. */
export interface ScorerVectors {
  /** What every score begins with: the mean of the ratings. */
  readonly mean: number
  readonly userBiases: Float32Array
  readonly itemBiases: Float32Array
  /** Of no dimensions where biases say it all. */
  readonly users: VectorRows
  readonly items: VectorRows
}

/** What a model is fitted to. */
export interface FitContext {
  readonly task: RecommendTask
  readonly users: number
  readonly items: number
  readonly training: Interactions
  /** Rows that are not learned from, by which models find when to stop; absent where they have found that before. */
  readonly watched?: Interactions
  /** Epochs that were best before. */
  readonly epochs?: number
  /** Whether interactions have times. */
  readonly hasTimes: boolean
  /** Features of users and items, in the order of their places. */
  readonly features: SideFeatures
  /** How long lists are that rankings are judged by. */
  readonly k: number
  readonly seed: number
  /** When a model ends with what it has, by `performance.now()`. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
  /** Ends a model with what it has, as the deadline does. */
  readonly stop: AbortSignal | undefined
}

export interface FittedScorer {
  readonly scorer: Scorer
  /** After which passes over the rows it was best; absent where there are none. */
  readonly epochs?: number
}

/** A model that is tried. */
export interface RecommendCandidate<N extends string = string> {
  readonly name: N
  readonly tasks: readonly RecommendTask[]
  /** Whether it learns from the order of times. */
  readonly needsTime?: boolean
  /** Whether it learns from features. */
  readonly needsFeatures?: boolean
  /** Undefined where the time was over before it had learned anything, or, with `epochs`, all that it should. */
  fit(context: FitContext): Promise<FittedScorer | undefined>
}
