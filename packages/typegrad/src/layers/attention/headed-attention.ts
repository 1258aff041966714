import { ArgumentError } from '../../base/errors.ts'
import { boolean, number, optionsOf, orNull } from '../../base/options.ts'
import { sizeOf } from '../../base/shape.ts'
import { attendByProducts } from '../../ops/attention.ts'
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
    const split = (x: Tensor, length: number, heads: number, dim: number): Tensor =>
      x.reshape([batch, length, heads, dim])
    const { output: mixed, weights: scores } = attendByProducts(
      split(project(query, projections.query), queries, queryHeads, keyDim),
      split(project(key, projections.key), keys, keyHeads, keyDim),
      split(project(value, projections.value), keys, keyHeads, valueDim),
      {
        mask: this.#mask(inputs),
        causal,
        slidingWindow: this.slidingWindow,
        queryOffset,
        dropout: (weights) => dropWeights(weights, training ? this.dropout : 0, this.seed),
        // Keras's two ways differ: with dropout in the layer, also when it does not train, and without it.
        fullyMasked: this.dropout > 0 ? 'zeros' : 'mean',
      },
    )
    const joined = mixed.reshape([batch, queries, queryHeads * valueDim])
    const gated = this.#gate === undefined ? joined : joined.mul(project(query, this.#gate).sigmoid())
    const { kernel, bias } = projections.output
    const outputs = kernel.shape.slice(2)
    const flat = gated.matmul(kernel.value.reshape([queryHeads * valueDim, sizeOf(outputs)]))
    const shaped = outputs.length === 1 ? flat : flat.reshape([batch, queries, ...outputs])
    return { output: bias === undefined ? shaped : shaped.add(bias.value), scores }
  }

  /** Which keys each query of each head may see, but for their positions: broadcasts to (B, heads, T, S). */
  #mask({ attentionMask, queryMask, valueMask, keyMask }: AttentionInputs): Tensor | undefined {
    const present = allOf([
      queryMask?.expandDims(-1),
      valueMask && expandMask(valueMask),
      keyMask && expandMask(keyMask),
    ])?.expandDims(1)
    if (attentionMask === undefined) return present
    if (attentionMask.rank !== 3 && attentionMask.rank !== 4) {
      throw new ArgumentError({
        where: `${this.className}: attentionMask`,
        expected: 'a mask (batch, queries, keys) or (batch, heads, queries, keys)',
        received: `rank ${attentionMask.rank}`,
      })
    }
    return allOf([attentionMask.rank === 3 ? attentionMask.expandDims(1) : attentionMask, present])
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
