import { boolean, number, optionsOf } from '../base/options.ts'
import { softmax } from '../ops/activations.ts'
import { apply } from '../ops/apply.ts'
import { maskScores, positionMask, type QueryOffset } from '../ops/attention.ts'
import { where } from '../ops/comparison.ts'
import { bernoulli } from '../random/index.ts'
import type { Tensor } from '../tensor/tensor.ts'
import {
  type AttentionContext,
  type AttentionInputs,
  allOf,
  attentionInputs,
  attentionOptions,
  type CausalOptions,
  causalChecks,
  checkAttentionInputs,
  checkedOffset,
} from './attention-inputs.ts'
import { Layer, type LayerOptions, layerChecks } from './layer.ts'
import type { Mask } from './masks.ts'
import { type NoiseOptions, noiseChecks, noiseRate, noiseSeed } from './noise.ts'
import type { Outputs, SymbolicShape } from './symbolic.ts'

export interface BaseAttentionOptions extends LayerOptions, NoiseOptions, CausalOptions {
  /** Whether scores are scaled by a learned weight. */
  readonly useScale?: boolean
  /** The share of attention weights to drop while training. Default 0. */
  readonly dropout?: number
}

export const baseAttentionChecks = optionsOf<BaseAttentionOptions>()({
  useScale: boolean,
  dropout: number,
  ...causalChecks,
  ...layerChecks,
  ...noiseChecks,
})

/** What attention without heads has in common: scores, their softmax, and the values weighted by it. */
export abstract class BaseAttention extends Layer<readonly Tensor[]> {
  readonly useScale: boolean
  readonly dropout: number
  readonly seed: number | undefined
  readonly useCausalMask: boolean
  readonly queryOffset: QueryOffset

  constructor(
    where: string,
    {
      useScale = false,
      dropout = 0,
      seed,
      useCausalMask = false,
      queryOffset = 0,
      ...options
    }: BaseAttentionOptions = {},
  ) {
    super(options)
    this.useScale = useScale
    this.dropout = noiseRate(`${where}: dropout`, dropout)
    this.seed = noiseSeed(where, seed)
    this.useCausalMask = useCausalMask
    this.queryOffset = queryOffset
  }

  override build(inputShapes: readonly SymbolicShape[]): void {
    const { query } = checkAttentionInputs(this.className, inputShapes)
    this.addScale(query)
  }

  protected abstract addScale(query: SymbolicShape): void

  /** How well each query (B, T, D) fits each key (B, S, D): (B, T, S). */
  protected abstract scores(query: Tensor, key: Tensor): Tensor

  override get supportsMasking(): boolean {
    return true
  }

  /** Which queries count: attention gives one step for each. */
  override computeMask(_inputs: readonly Tensor[], masks: readonly Mask[]): Mask {
    return masks[0]
  }

  /** A mask that the key has of its own is not heeded, as in Keras: keys are where their values are. */
  override get callOptions(): readonly string[] {
    return attentionOptions
  }

  call(inputs: readonly Tensor[], context: AttentionContext): Outputs {
    const parts = { ...attentionInputs(inputs, context), keyMask: context.keyMask }
    const { output, scores } = this.attend(parts, context)
    return context.returnAttentionScores === true ? [output, scores] : output
  }

  /** The output (B, T, D) with the weights (B, T, S) that each query gives to the values. */
  attend(inputs: AttentionInputs, context: AttentionContext = { training: false }) {
    const { training, useCausalMask: causal = this.useCausalMask } = context
    const queryOffset = checkedOffset(this.name, context.queryOffset, this.queryOffset)
    const { query, value, key, queryMask, valueMask, keyMask, attentionMask } = inputs
    const raw = this.scores(query, key)
    const [queries, keys] = raw.shape.slice(-2) as [number, number]
    const present = [valueMask, keyMask].map((mask) => mask && expandMask(mask))
    const mask = allOf([...present, attentionMask, positionMask(queries, keys, { causal, queryOffset })])
    const scores = softmax(maskScores(raw, mask))
    const dropped = dropWeights(scores, training ? this.dropout : 0, this.seed)
    const output = apply('matmul', [dropped, value], {})
    if (queryMask === undefined) return { output, scores }
    return { output: where(queryMask.expandDims(-1) as Tensor, output, 0), scores }
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      useScale: this.useScale,
      dropout: this.dropout,
      useCausalMask: this.useCausalMask,
      ...(this.queryOffset === 0 ? {} : { queryOffset: this.queryOffset }),
      ...(this.seed === undefined ? {} : { seed: this.seed }),
    }
  }
}

/** (B, S) → (B, 1, S): the same for every query. */
export const expandMask = (mask: Tensor): Tensor => mask.expandDims(-2) as Tensor

/** Attention weights of which a share is dropped. */
export function dropWeights(weights: Tensor, rate: number, seed: number | undefined): Tensor {
  if (rate === 0) return weights
  const kept = bernoulli(weights.shape, { probability: 1 - rate, seed, dtype: weights.dtype }) as Tensor
  return weights.mul(rate === 1 ? kept : kept.mul(1 / (1 - rate))) as Tensor
}
