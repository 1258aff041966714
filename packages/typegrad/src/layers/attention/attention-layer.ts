import { number, optionsOf } from '../../base/options.ts'
import type { QueryOffset } from '../../ops/attention.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { CallOptions } from '../base/call-options.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { Mask } from '../base/masks.ts'
import type { SymbolicTensor } from '../base/symbolic.ts'
import { type NoiseOptions, noiseChecks, noiseRate, noiseSeed } from '../regularization/noise.ts'
import {
  type AttentionContext,
  type AttentionInputs,
  attentionInputs,
  attentionOptions,
  type CausalOptions,
  causalChecks,
} from './attention-inputs.ts'

export interface AttentionLayerOptions extends LayerOptions, NoiseOptions, CausalOptions {
  /** The share of attention weights to drop while training. Default 0. */
  readonly dropout?: number
}

export const attentionLayerChecks = optionsOf<AttentionLayerOptions>()({
  dropout: number,
  ...causalChecks,
  ...layerChecks,
  ...noiseChecks,
})

/** What attention gives: for each query a mean of the values, and the weights that it gives to them. */
export interface Attended {
  readonly output: Tensor
  readonly scores: Tensor
}

/** Options of a call that gives the weights too. */
interface WithScores extends CallOptions {
  readonly returnAttentionScores: true
}

/** What layers of attention have in common, with heads and without: what a call is told, and what it gives. */
export abstract class AttentionLayer extends Layer<readonly Tensor[]> {
  readonly dropout: number
  readonly seed: number | undefined
  readonly useCausalMask: boolean
  readonly queryOffset: QueryOffset

  constructor(
    where: string,
    { dropout = 0, seed, useCausalMask = false, queryOffset = 0, ...options }: AttentionLayerOptions,
  ) {
    super(options)
    this.dropout = noiseRate(`${where}: dropout`, dropout)
    this.seed = noiseSeed(where, seed)
    this.useCausalMask = useCausalMask
    this.queryOffset = queryOffset
  }

  override get supportsMasking(): boolean {
    return true
  }

  /** Which queries count: attention gives one step for each. */
  override computeMask(_inputs: readonly Tensor[], masks: readonly Mask[]): Mask {
    return masks[0]
  }

  override get callOptions(): readonly string[] {
    return attentionOptions
  }

  /** A list of the output and the weights, where the call asks for these. */
  override apply(
    inputs: readonly SymbolicTensor[],
    options: WithScores,
  ): readonly [SymbolicTensor, SymbolicTensor]
  override apply(inputs: readonly Tensor[], options: WithScores): readonly [Tensor, Tensor]
  override apply(inputs: SymbolicTensor | readonly SymbolicTensor[], options?: CallOptions): SymbolicTensor
  override apply(inputs: readonly Tensor[], options?: CallOptions | CallContext): Tensor
  override apply(inputs: never, options?: CallOptions): unknown {
    return super.apply(inputs, options)
  }

  call(inputs: readonly Tensor[], context: AttentionContext): Tensor {
    const { output, scores } = this.attend(this.parts(inputs, context), context)
    return context.returnAttentionScores === true ? ([output, scores] as unknown as Tensor) : output
  }

  /** What a list of inputs consists of, with the masks that the call is told. */
  protected parts(inputs: readonly Tensor[], context: AttentionContext): AttentionInputs {
    return attentionInputs(inputs, context)
  }

  /** Attention to parts that have been told apart. */
  abstract attend(inputs: AttentionInputs, context?: AttentionContext): Attended

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      dropout: this.dropout,
      useCausalMask: this.useCausalMask,
      ...(this.queryOffset === 0 ? {} : { queryOffset: this.queryOffset }),
      ...(this.seed === undefined ? {} : { seed: this.seed }),
    }
  }
}
