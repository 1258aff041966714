import { optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { sum } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { knownShape, type SymbolicShape } from '../base/symbolic.ts'
import { BaseAttention, type BaseAttentionOptions, baseAttentionChecks } from './base-attention.ts'

export type AdditiveAttentionOptions = BaseAttentionOptions

export const additiveAttentionChecks = optionsOf<AdditiveAttentionOptions>()({ ...baseAttentionChecks })

/** Bahdanau's attention; see {@link additiveAttention}. */
@takes(additiveAttentionChecks)
export class AdditiveAttention extends BaseAttention {
  readonly className = 'AdditiveAttention'
  #scale: Variable | undefined

  constructor({ useScale = true, ...options }: AdditiveAttentionOptions = {}) {
    super('AdditiveAttention', { useScale, ...options })
  }

  protected addScale(query: SymbolicShape): void {
    if (!this.useScale) return
    this.#scale = this.addWeight({ name: 'scale', shape: knownShape('AdditiveAttention', query, [-1]) })
  }

  protected scores(query: Tensor, key: Tensor): Tensor {
    // (B, T, 1, D) + (B, 1, S, D)
    const angles = query.expandDims(2).add(key.expandDims(1)).tanh()
    return this.#scale === undefined ? sum(angles, -1) : angles.matmul(this.#scale.value)
  }
}

/**
 * Attention by sums: each query takes a mean of the values, weighted by the softmax of Σ scale·tanh(query + key).
 *
 * Input a list [query (batch, queries, features), value (batch, keys, features), key], where the key is the value if
 * it is left out, and a fourth tensor is a mask: bool (batch, keys) for which keys are there, or
 * (batch, queries, keys) for which keys each query may see. Output (batch, queries, features). Weights: scale
 * (features) unless `useScale` is false.
 *
 * Bahdanau et al. 2014, https://arxiv.org/abs/1409.0473
 *
 * @throws ArgumentError for too few or too many tensors, ShapeError for ones that do not fit.
 * @example
 * layers.additiveAttention().apply([decoder, encoder])
 */
export const additiveAttention = (options?: AdditiveAttentionOptions): AdditiveAttention =>
  new AdditiveAttention(options)
