import { boolean, optionsOf } from '../../base/options.ts'
import { attendByScores } from '../../ops/attention.ts'
import { where } from '../../ops/comparison.ts'
import { bernoulli } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import {
  type AttentionContext,
  type AttentionInputs,
  allOf,
  checkAttentionInputs,
  checkedOffset,
} from './attention-inputs.ts'
import {
  type Attended,
  AttentionLayer,
  type AttentionLayerOptions,
  attentionLayerChecks,
} from './attention-layer.ts'

export interface BaseAttentionOptions extends AttentionLayerOptions {
  /** Whether scores are scaled by a learned weight. Default false; true for `additiveAttention`. */
  readonly useScale?: boolean
}

export const baseAttentionChecks = optionsOf<BaseAttentionOptions>()({
  useScale: boolean,
  ...attentionLayerChecks,
})

/** What attention without heads has in common: scores, their softmax, and the values weighted by it. */
export abstract class BaseAttention extends AttentionLayer {
  readonly useScale: boolean

  constructor(where: string, { useScale = false, ...options }: BaseAttentionOptions = {}) {
    super(where, options)
    this.useScale = useScale
  }

  override build(inputShapes: readonly SymbolicShape[]): void {
    const { query } = checkAttentionInputs(this.className, inputShapes)
    this.addScale(query)
  }

  protected abstract addScale(query: SymbolicShape): void

  /** How well each query (B, T, D) fits each key (B, S, D): (B, T, S). */
  protected abstract scores(query: Tensor, key: Tensor): Tensor

  /** A mask that the key has of its own is not heeded, as in Keras: keys are where their values are. */
  protected override parts(inputs: readonly Tensor[], context: AttentionContext): AttentionInputs {
    return { ...super.parts(inputs, context), keyMask: context.keyMask }
  }

  /** The output (B, T, D) with the weights (B, T, S) that each query gives to the values. */
  attend(inputs: AttentionInputs, context: AttentionContext = { training: false }): Attended {
    const { training, useCausalMask: causal = this.useCausalMask } = context
    const queryOffset = checkedOffset(this.name, context.queryOffset, this.queryOffset)
    const { query, value, key, queryMask, valueMask, keyMask, attentionMask } = inputs
    const present = [valueMask, keyMask].map((mask) => mask && expandMask(mask))
    const { output, weights: scores } = attendByScores(this.scores(query, key), value, {
      mask: allOf([...present, attentionMask]),
      causal,
      queryOffset,
      dropout: (weights) => dropWeights(weights, training ? this.dropout : 0, this.seed),
      fullyMasked: 'mean',
    })
    if (queryMask === undefined) return { output, scores }
    return { output: where(queryMask.expandDims(-1), output, 0), scores }
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), useScale: this.useScale }
  }
}

/** (B, S) → (B, 1, S): the same for every query. */
export const expandMask = (mask: Tensor): Tensor => mask.expandDims(-2)

/** Attention weights of which a share is dropped. */
export function dropWeights(weights: Tensor, rate: number, seed: number | undefined): Tensor {
  if (rate === 0) return weights
  const kept = bernoulli(weights.shape, { probability: 1 - rate, seed, dtype: weights.dtype })
  return weights.mul(rate === 1 ? kept : kept.mul(1 / (1 - rate)))
}
