import { layers, type Tensor, type Variable } from 'typegrad'
import { ops, optionsOf } from 'typegrad/core'
import {
  type CallContext,
  checks,
  Layer,
  type LayerOptions,
  layerChecks,
  type SymbolicShape,
  takes,
} from 'typegrad/layers'
import type { WindowInputs } from './n-hits.ts'
import { PatchBlock } from './patch-block.ts'

export interface PatchTransformerOptions extends LayerOptions {
  /** Steps that are forecast. */
  readonly horizon: number
  /** Steps of the past. */
  readonly length: number
  /** How many numbers are forecast of each step. */
  readonly outputs: number
  /** Steps of a patch. Default 8. */
  readonly patch?: number
  /** Steps from one patch to the next. Default 4. */
  readonly stride?: number
  /** Size of a patch's vector. Default 64. */
  readonly units?: number
  /** Heads of attention. Default 4. */
  readonly heads?: number
  /** Size of the hidden layer behind each attention. Default 128. */
  readonly feedForward?: number
  /** Blocks of attention. Default 2. */
  readonly blocks?: number
  /** Share of numbers that training drops. Default 0.1. */
  readonly dropout?: number
}

const patchChecks = optionsOf<PatchTransformerOptions>()({
  horizon: checks.needed(checks.count),
  length: checks.needed(checks.count),
  outputs: checks.needed(checks.count),
  patch: checks.count,
  stride: checks.count,
  units: checks.count,
  heads: checks.count,
  feedForward: checks.count,
  blocks: checks.count,
  dropout: checks.share,
  ...layerChecks,
})

/** Added to variances. */
const epsilon = 1e-5

/**
 * PatchTST: a transformer over patches of the past, from the window's last value and in its deviation. It is not told what is known beside the past.
 *
 * Inputs, a list whose first is the past (batch, length). Output (batch, horizon, outputs).
 *
 * Nie et al. 2023, "A time series is worth 64 words: long-term forecasting with transformers", https://arxiv.org/abs/2211.14730, with the
 * normalisation of Kim et al. 2022 and the residual attention of He et al. 2021.
 */
@takes(patchChecks)
export class PatchTransformer extends Layer<readonly Tensor[]> {
  readonly className = 'PatchTransformer'
  readonly horizon: number
  readonly length: number
  readonly outputs: number
  readonly patch: number
  readonly stride: number
  readonly units: number
  readonly embedding: layers.Dense
  readonly blocks: readonly PatchBlock[]
  readonly head: layers.Dense
  readonly dropout: layers.Dropout
  scale!: Variable
  shift!: Variable
  positions!: Variable

  constructor({
    horizon,
    length,
    outputs,
    patch = 8,
    stride = 4,
    units = 64,
    heads = 4,
    feedForward = 128,
    blocks = 2,
    dropout = 0.1,
    ...options
  }: PatchTransformerOptions) {
    super(options)
    this.horizon = horizon
    this.length = length
    this.outputs = outputs
    this.patch = Math.min(patch, length)
    this.stride = stride
    this.units = units
    this.embedding = layers.dense({ units })
    this.blocks = Array.from({ length: blocks }, () => new PatchBlock({ units, heads, feedForward, dropout }))
    this.head = layers.dense({ units: horizon * outputs })
    this.dropout = layers.dropout({ rate: dropout })
  }

  /** Patches of the past, and one that the last value continues. */
  get patches(): number {
    return Math.floor((this.length - this.patch) / this.stride) + 2
  }

  override build(_inputShapes: readonly SymbolicShape[]): void {
    this.scale = this.addWeight({ name: 'scale', shape: [1], initializer: 'ones' })
    this.shift = this.addWeight({ name: 'shift', shape: [1], initializer: 'zeros' })
    this.positions = this.addWeight({
      name: 'positions',
      shape: [this.patches, this.units],
      initializer: 'randomUniform',
    })
  }

  call(inputs: readonly Tensor[], context: CallContext): Tensor {
    const [past] = inputs as WindowInputs
    const [batch = 0] = past.shape
    const { length, patch, stride, patches, horizon, outputs } = this
    const last = ops.slice(past, [0, length - 1], [batch, 1])
    const deviation = ops.stopGradient(ops.sqrt(ops.variance(past, 1, { keepDims: true }).add(epsilon)))
    const normed = past.sub(last).div(deviation).mul(this.scale.value).add(this.shift.value)
    const end = ops.slice(normed, [0, length - 1], [batch, 1])
    const padded = ops.concat([normed, ops.broadcastTo(end, [batch, stride])], 1)
    // (batch, patches, patch)
    const cut = ops.stack(
      Array.from({ length: patches }, (_, i) => ops.slice(padded, [0, i * stride], [batch, patch])),
      1,
    )
    let x: Tensor = this.dropout.apply(this.embedding.apply(cut).add(this.positions.value), context)
    let scores: Tensor | undefined
    for (const block of this.blocks) {
      const [next, own] = block.apply(scores === undefined ? [x] : [x, scores], context)
      x = next
      scores = own
    }
    // (batch, units, patches), as the head was trained elsewhere
    const flat = x.transpose([0, 2, 1]).reshape([batch, -1])
    const out = this.head
      .apply(flat)
      .sub(this.shift.value)
      .div(this.scale.value.add(epsilon * epsilon))
    return out.mul(deviation).add(last).reshape([batch, horizon, outputs])
  }
}
