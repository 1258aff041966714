import { ArgumentError } from '../../base/errors.ts'
import { boolean, number, optionsOf, orNull } from '../../base/options.ts'
import { sizeOf } from '../../base/shape.ts'
import { softmax } from '../../ops/activations.ts'
import { apply } from '../../ops/apply.ts'
import { type AttentionMaskOptions, maskScores, positionMask } from '../../ops/attention.ts'
import { any } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { knownShape, type SymbolicShape } from '../base/symbolic.ts'
import {
  type BiasOptions,
  biasChecks,
  type KernelOptions,
  kernelChecks,
  policyConfig,
  type WeightPolicy,
  weightPolicy,
  withFanAxes,
} from '../base/weight-policy.ts'
import { positiveWhole } from '../convolutional/convolution.ts'
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
import { dropWeights, expandMask } from './base-attention.ts'

export interface HeadedAttentionOptions extends AttentionLayerOptions, KernelOptions, BiasOptions {
  /** Whether projections have biases. Default true. */
  readonly useBias?: boolean
  /** Whether heads are multiplied with a sigmoid of the query, projected. Default false. */
  readonly useGate?: boolean
  /** A query sees only keys fewer than so many positions away. Default all. */
  readonly slidingWindow?: number | null
}

export const headedAttentionChecks = optionsOf<HeadedAttentionOptions>()({
  useBias: boolean,
  useGate: boolean,
  slidingWindow: orNull(number),
  ...attentionLayerChecks,
  ...kernelChecks,
  ...biasChecks,
})

/** Sizes of the heads. */
export interface HeadSizes {
  readonly queryHeads: number
  /** Each head of the keys and values serves queryHeads / keyHeads heads of the queries. */
  readonly keyHeads: number
  readonly keyDim: number
  readonly valueDim: number
}

/** A projection of the last axis: x · kernel + bias, with the kernel's inner axes as one. */
interface Projection {
  readonly kernel: Variable
  readonly bias: Variable | undefined
}

type Projections = Readonly<Record<'query' | 'key' | 'value' | 'output', Projection>>

/** What attention with several heads has in common: projections, the heads' attention, and one back. */
export abstract class HeadedAttention extends AttentionLayer {
  readonly useBias: boolean
  readonly useGate: boolean
  readonly slidingWindow: number | undefined
  readonly #sizes: HeadSizes
  readonly #outputShape: readonly number[] | undefined
  readonly #kernelPolicy: WeightPolicy
  readonly #biasPolicy: WeightPolicy
  #projections: Projections | undefined
  #gate: Projection | undefined

  constructor(
    where: string,
    sizes: HeadSizes,
    outputShape: readonly number[] | undefined,
    {
      useBias = true,
      useGate = false,
      slidingWindow,
      kernelInitializer = 'glorotUniform',
      kernelRegularizer,
      kernelConstraint,
      biasInitializer = 'zeros',
      biasRegularizer,
      biasConstraint,
      ...options
    }: HeadedAttentionOptions,
  ) {
    super(where, options)
    this.#sizes = sizes
    this.#outputShape = outputShape
    this.useBias = useBias
    this.useGate = useGate
    this.slidingWindow =
      slidingWindow == null ? undefined : positiveWhole(`${where}: slidingWindow`, slidingWindow)
    this.#kernelPolicy = weightPolicy(kernelInitializer, kernelRegularizer, kernelConstraint)
    this.#biasPolicy = weightPolicy(biasInitializer, biasRegularizer, biasConstraint)
  }

  override build(inputShapes: readonly SymbolicShape[]): void {
    const shapes = checkAttentionInputs(this.className, inputShapes)
    const features = (shape: SymbolicShape) => knownShape(this.className, shape, [-1])
    const { queryHeads, keyHeads, keyDim, valueDim } = this.#sizes
    const query = this.#addProjection('query', features(shapes.query), [queryHeads, keyDim])
    const key = this.#addProjection('key', features(shapes.key), [keyHeads, keyDim])
    if (this.useGate) this.#gate = this.#addProjection('gate', features(shapes.query), [queryHeads, valueDim])
    const value = this.#addProjection('value', features(shapes.value), [keyHeads, valueDim])
    const outputs = this.#outputShape ?? features(shapes.query)
    const output = this.#addProjection('attention_output', [queryHeads, valueDim], outputs)
    this.#projections = { query, key, value, output }
  }

  #addProjection(name: string, inputs: readonly number[], outputs: readonly number[]): Projection {
    const axes = [...inputs, ...outputs].map((_, i) => i)
    const policy = withFanAxes(this.#kernelPolicy, axes.slice(0, inputs.length), axes.slice(inputs.length))
    const kernel = this.addWeight({ name: `${name}/kernel`, shape: [...inputs, ...outputs], ...policy })
    const bias = this.useBias
      ? this.addWeight({ name: `${name}/bias`, shape: outputs, ...this.#biasPolicy })
      : undefined
    return { kernel, bias }
  }

  /**
   * The output (B, T, …outputs) with the weights (B, heads, T, S) that each head of each query gives to the values.
   * Builds the layer if need be.
   */
  attend(inputs: AttentionInputs, context: AttentionContext = { training: false }): Attended {
    const { training, useCausalMask: causal = this.useCausalMask } = context
    const queryOffset = checkedOffset(this.name, context.queryOffset, this.queryOffset)
    const { query, value, key } = inputs
    this.ensureBuilt([query.shape, value.shape, key.shape])
    const projections = this.#projections as Projections
    const { queryHeads, keyHeads, keyDim, valueDim } = this.#sizes
    const [batch, queries] = query.shape as readonly [number, number]
    const keys = key.shape[1] as number
    const shared = queryHeads / keyHeads
    // One head of the keys sees the queries of all heads that share it as so many more queries:
    // (B, T, G, R, K) → (B, G, R, T, K) → (B, G, R·T, K), and nothing of the keys is repeated.
    const split = (x: Tensor, length: number, heads: readonly number[], dim: number): Tensor =>
      x.reshape([batch, length, ...heads, dim])
    const scaled = project(query, projections.query).mul(1 / Math.sqrt(keyDim))
    const q =
      shared === 1
        ? split(scaled, queries, [queryHeads], keyDim).transpose([0, 2, 1, 3])
        : split(scaled, queries, [keyHeads, shared], keyDim)
            .transpose([0, 2, 3, 1, 4])
            .reshape([batch, keyHeads, shared * queries, keyDim])
    const k = split(project(key, projections.key), keys, [keyHeads], keyDim).transpose([0, 2, 3, 1])
    const v = split(project(value, projections.value), keys, [keyHeads], valueDim).transpose([0, 2, 1, 3])

    const products = apply('matmul', [q, k], {})
    const raw = shared === 1 ? products : products.reshape([batch, queryHeads, queries, keys])
    const mask = this.#mask(inputs, queries, keys, { causal, queryOffset })
    const scores = this.#weights(raw, mask, inputs)
    const weights = dropWeights(scores, training ? this.dropout : 0, this.seed)

    const grouped = shared === 1 ? weights : weights.reshape([batch, keyHeads, shared * queries, keys])
    const mixed = apply('matmul', [grouped, v], {})
    // (B, G, R·T, V) → (B, T, H·V)
    const joined = mixed
      .reshape([batch, queryHeads, queries, valueDim])
      .transpose([0, 2, 1, 3])
      .reshape([batch, queries, queryHeads * valueDim])
    const gated = this.#gate === undefined ? joined : joined.mul(project(query, this.#gate).sigmoid())
    const { kernel, bias } = projections.output
    const outputs = kernel.shape.slice(2)
    const flat = gated.matmul(kernel.value.reshape([queryHeads * valueDim, sizeOf(outputs)]))
    const shaped = outputs.length === 1 ? flat : flat.reshape([batch, queries, ...outputs])
    return { output: bias === undefined ? shaped : shaped.add(bias.value), scores }
  }

  /**
   * The softmax of scores over the keys that each query may see. Of a query that may see none, Keras's two ways differ:
   * with dropout in the layer it has nothing of any value, without it the same of all.
   */
  #weights(
    raw: Tensor,
    mask: Tensor | undefined,
    { attentionMask, queryMask, valueMask, keyMask }: AttentionInputs,
  ): Tensor {
    const mayBeBlind = [attentionMask, queryMask, valueMask, keyMask].some((known) => known !== undefined)
    if (mask === undefined || !mayBeBlind) return softmax(maskScores(raw, mask))
    if (this.dropout > 0) {
      const weights = softmax(maskScores(raw, mask))
      return weights.mul(mask.cast(weights.dtype))
    }
    // The same of all, whatever its scores are: no gradient goes to them.
    const sees = any(mask, -1, { keepDims: true }).cast(raw.dtype)
    return softmax(maskScores(raw.mul(sees), mask))
  }

  /** Which keys each query of each head may see: broadcasts to (B, heads, T, S). */
  #mask(
    { attentionMask, queryMask, valueMask, keyMask }: AttentionInputs,
    queries: number,
    keys: number,
    positions: Pick<AttentionMaskOptions, 'causal' | 'queryOffset'>,
  ): Tensor | undefined {
    const { slidingWindow } = this
    const mask = allOf([
      queryMask?.expandDims(-1),
      valueMask && expandMask(valueMask),
      keyMask && expandMask(keyMask),
      positionMask(queries, keys, { ...positions, slidingWindow }),
    ])
    const overHeads = mask?.rank === 3 ? mask.expandDims(1) : mask
    if (attentionMask === undefined) return overHeads
    if (attentionMask.rank !== 3 && attentionMask.rank !== 4) {
      throw new ArgumentError({
        where: `${this.className}: attentionMask`,
        expected: 'a mask (batch, queries, keys) or (batch, heads, queries, keys)',
        received: `rank ${attentionMask.rank}`,
      })
    }
    return allOf([attentionMask.rank === 3 ? attentionMask.expandDims(1) : attentionMask, overHeads])
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      useBias: this.useBias,
      useGate: this.useGate,
      ...(this.slidingWindow === undefined ? {} : { slidingWindow: this.slidingWindow }),
      ...policyConfig('kernel', this.#kernelPolicy),
      ...policyConfig('bias', this.#biasPolicy),
    }
  }
}

/** (B, T, D) → (B, T, heads · dim). */
function project(x: Tensor, { kernel, bias }: Projection): Tensor {
  const outputs = sizeOf(kernel.shape.slice(1))
  const product = x.matmul(kernel.value.reshape([kernel.shape[0] as number, outputs]))
  return bias === undefined ? product : product.add(bias.value.reshape([outputs]))
}
