import { activations, type Tensor } from 'typegrad'
import type { checks } from 'typegrad/layers'
import type { PairValues } from './pair-values.ts'

/** What an objective sees of a batch of pairs. */
export interface ComparedPairs {
  /** Log-probabilities of the answers: sums over tokens, by their weights. */
  readonly policy: PairValues
  /** The same by the reference; zeros where the objective needs none. */
  readonly reference: PairValues
  /** How many tokens the answers have. */
  readonly lengths: PairValues
}

/** What is to become small, and what it takes the answers' worth to be. */
export interface Comparison {
  /** (batch) */
  readonly losses: Tensor
  readonly rewards: PairValues
}

/**
 * What pairs of a better and a worse answer are learnt by: `dpo()`, `orpo()`, `cpo()`, `simpo()`, or one of your own.
 */
export interface PreferenceObjective {
  /** As errors and drawings call it. */
  readonly name: string
  /** Whether answers are compared with what another model, or the same one before training, takes them for. */
  readonly needsReference: boolean
  /**
   * How much the negative log-likelihood of better answers counts beside the comparison: its mean over all their tokens in a
   * batch, or over those of prompts as well. Default not at all.
   */
  readonly likelihood?: { readonly weight: number; readonly of: 'answer' | 'text' }
  /** What the tokens of an answer count that the other, shorter one of the pair has no counterpart for. Default 1. */
  readonly tailWeight?: number
  /** Traceable. */
  compare(pairs: ComparedPairs): Comparison
}

/** A share of pairs that are the wrong way round. */
export const smoothingCheck: checks.Check<number> = {
  expected: 'a number from 0 to below 0.5',
  accepts: (value) => typeof value === 'number' && value >= 0 && value < 0.5,
}

/** −(1 − ε) log σ(margin) − ε log σ(−margin): (batch). */
export const smoothedLoss = (margin: Tensor, smoothing: number): Tensor => {
  const { logSigmoid } = activations
  const kept = logSigmoid(margin).mul(1 - smoothing)
  return kept.add(logSigmoid(margin.neg()).mul(smoothing)).neg()
}
