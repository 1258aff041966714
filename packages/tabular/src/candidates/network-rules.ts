import type { Variable } from 'typegrad/core'
import type { LearningFactors, ProgressSchedule } from '../networks/index.ts'

/** How a network is trained. */
export interface NetworkRules {
  readonly learningRate: number
  readonly beta2: number
  /** The share of a weight, times the learning rate, that each step takes off. */
  readonly decay: number
  /** How the learning rate, the decay and the share that is dropped change from the first step to the last. */
  readonly schedules: Readonly<Record<'rate' | 'decay' | 'dropout', ProgressSchedule>>
  /** The most times that all rows are learned from. */
  readonly epochs: number
  /** Steps without a better loss of the watched rows after which training ends: so many epochs, and no fewer than so many steps. */
  readonly patience: { readonly epochs: number; readonly steps: number }
  /** The greatest norm of all gradients together, if there is one. */
  readonly gradientNorm?: number
  /** The share of a class that is given to all of them alike. */
  readonly smoothing: number
}

/** How fast each weight learns beside the others. */
export type FactorsOf = (weight: Variable) => LearningFactors

/** Biases and scales of members stay what they learn to be, kernels decay. */
export const alike: FactorsOf = () => ({ rate: 1, decay: 1 })
