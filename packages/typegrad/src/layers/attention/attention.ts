import { anything, optionsOf } from '../../base/options.ts'
import { canonicalName } from '../../base/registry.ts'
import { takes } from '../../base/takes.ts'
import { apply } from '../../ops/apply.ts'
import { sum } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { BaseAttention, type BaseAttentionOptions, baseAttentionChecks } from './base-attention.ts'

/** How a query is compared with a key: by their product, or by a tanh of their sum. */
export type ScoreMode = 'dot' | 'concat'

const scoreModes: Readonly<Record<ScoreMode, true>> = { dot: true, concat: true }

export interface AttentionOptions extends BaseAttentionOptions {
  /** How a query is compared with a key. Default `'dot'`. */
  readonly scoreMode?: ScoreMode
}

export const attentionChecks = optionsOf<AttentionOptions>()({ scoreMode: anything, ...baseAttentionChecks })

/** Luong's attention; see {@link attention}. */
@takes(attentionChecks)
export class Attention extends BaseAttention {
  readonly className = 'Attention'
  readonly scoreMode: ScoreMode
  #scale: Variable | undefined
  #concatWeight: Variable | undefined

  constructor({ scoreMode = 'dot', ...options }: AttentionOptions = {}) {
    super('Attention', options)
    this.scoreMode = canonicalName('Attention: scoreMode', scoreMode, scoreModes)
  }

  protected addScale(): void {
    if (this.useScale) this.#scale = this.addWeight({ name: 'scale', shape: [], initializer: 'ones' })
    if (this.scoreMode === 'dot') return
    this.#concatWeight = this.addWeight({ name: 'concat_score_weight', shape: [], initializer: 'ones' })
  }

  protected scores(query: Tensor, key: Tensor): Tensor {
    const scaled = (x: Tensor): Tensor => (this.#scale === undefined ? x : x.mul(this.#scale.value))
    if (this.#concatWeight === undefined) {
      // Scaling the queries is less work than scaling the scores.
      return apply('matmul', [scaled(query), key.transpose([0, 2, 1])], {})
    }
    const sums = query.expandDims(2).add(key.expandDims(1))
    return sum(scaled(sums).tanh(), -1).mul(this.#concatWeight.value)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scoreMode: this.scoreMode }
  }
}

/**
 * Attention by products: each query takes a mean of the values, weighted by the softmax of its products with
 * their keys.
 *
 * Input a list [query (batch, queries, features), value (batch, keys, …), key], where the key is the value if it is
 * left out, and a fourth tensor is a mask: bool (batch, keys) for which keys are there, or (batch, queries, keys) for
 * which keys each query may see. Output (batch, queries, …). Weights: scale with `useScale`, concat_score_weight
 * with `scoreMode: 'concat'`.
 *
 * Luong et al. 2015, https://arxiv.org/abs/1508.04025
 *
 * @throws ArgumentError for too few or too many tensors, ShapeError for ones that do not fit.
 * @example
 * layers.attention({ useCausalMask: true }).apply([x, x])
 */
export const attention = (options?: AttentionOptions): Attention => new Attention(options)
