import { layers, type Tensor } from 'typegrad'
import { ops, optionsOf } from 'typegrad/core'
import { type CallContext, checks, Layer, type LayerOptions, layerChecks, takes } from 'typegrad/layers'
import type { WindowInputs } from './n-hits.ts'

interface ResidualOptions extends LayerOptions {
  readonly units: number
  readonly outputs: number
  readonly dropout: number
  readonly normalized: boolean
}

const residualChecks = optionsOf<ResidualOptions>()({
  units: checks.needed(checks.count),
  outputs: checks.needed(checks.count),
  dropout: checks.needed(checks.share),
  normalized: checks.needed(checks.boolean),
  ...layerChecks,
})

/** A hidden layer beside a linear one: (…, features) → (…, outputs). */
@takes(residualChecks)
class Residual extends Layer {
  readonly className = 'TiDEResidual'
  readonly inner: layers.Dense
  readonly outer: layers.Dense
  readonly skip: layers.Dense
  readonly norm: layers.LayerNormalization | undefined
  readonly dropout: layers.Dropout

  constructor({ units, outputs, dropout, normalized, ...options }: ResidualOptions) {
    super(options)
    this.inner = layers.dense({ units, activation: 'relu' })
    this.outer = layers.dense({ units: outputs })
    this.skip = layers.dense({ units: outputs })
    this.norm = normalized ? layers.layerNormalization({ epsilon: 1e-5 }) : undefined
    this.dropout = layers.dropout({ rate: dropout })
  }

  call(x: Tensor, context: CallContext): Tensor {
    const hidden = this.dropout.apply(this.outer.apply(this.inner.apply(x)), context)
    const sum = hidden.add(this.skip.apply(x))
    return this.norm?.apply(sum) ?? sum
  }
}

export interface TiDEOptions extends LayerOptions {
  /** Steps that are forecast. */
  readonly horizon: number
  /** How many numbers are forecast of each step. */
  readonly outputs: number
  /** Size of the hidden layers. Default 256. */
  readonly units?: number
  /** What each step is decoded from. Default 16. */
  readonly decoderUnits?: number
  /** Size of the hidden layer that decodes a step. Default 64. */
  readonly temporalUnits?: number
  /** What is kept of what is known beside each step. Default 4. */
  readonly temporalWidth?: number
  /** Blocks that encode. Default 1. */
  readonly encoders?: number
  /** Blocks that decode. Default 1. */
  readonly decoders?: number
  /** Share of hidden numbers that training drops. Default 0.1. */
  readonly dropout?: number
  /** Whether each block ends with a layer normalisation. Default true. */
  readonly normalized?: boolean
}

const tideChecks = optionsOf<TiDEOptions>()({
  horizon: checks.needed(checks.count),
  outputs: checks.needed(checks.count),
  units: checks.count,
  decoderUnits: checks.count,
  temporalUnits: checks.count,
  temporalWidth: checks.count,
  encoders: checks.count,
  decoders: checks.count,
  dropout: checks.share,
  normalized: checks.boolean,
  ...layerChecks,
})

/**
 * TiDE: perceptrons that encode the past with what is known of the future, and decode it step by step beside a linear forecast.
 *
 * Inputs, a list: the past (batch, length), what is known beside it (batch, length + horizon, columns), and what does not change (batch,
 * columns); the last two may be left out. Output (batch, horizon, outputs).
 *
 * Das et al. 2023, "Long-term forecasting with TiDE: time-series dense encoder", https://arxiv.org/abs/2304.08424
 */
@takes(tideChecks)
export class TiDE extends Layer<readonly Tensor[]> {
  readonly className = 'TiDE'
  readonly horizon: number
  readonly outputs: number
  readonly known: Residual
  readonly encoder: readonly Residual[]
  readonly decoder: readonly Residual[]
  readonly step: Residual
  readonly line: layers.Dense

  constructor({
    horizon,
    outputs,
    units = 256,
    decoderUnits = 16,
    temporalUnits = 64,
    temporalWidth = 4,
    encoders = 1,
    decoders = 1,
    dropout = 0.1,
    normalized = true,
    ...options
  }: TiDEOptions) {
    super(options)
    this.horizon = horizon
    this.outputs = outputs
    const residual = (hidden: number, size: number): Residual =>
      new Residual({ units: hidden, outputs: size, dropout, normalized })
    this.known = residual(units, temporalWidth)
    this.encoder = Array.from({ length: encoders }, () => residual(units, units))
    this.decoder = Array.from({ length: decoders }, (_, i) =>
      residual(units, i === decoders - 1 ? decoderUnits * horizon : units),
    )
    this.step = residual(temporalUnits, outputs)
    this.line = layers.dense({ units: horizon * outputs })
  }

  call(inputs: readonly Tensor[], context: CallContext): Tensor {
    const [past, known, statics] = inputs as WindowInputs
    const [batch = 0, length = 0] = past.shape
    const { horizon } = this
    const kept = known === undefined ? undefined : this.known.apply(known, context)
    const seen = ops.concat(
      [
        past,
        ...(kept === undefined ? [] : [kept.reshape([batch, -1])]),
        ...(statics === undefined ? [] : [statics]),
      ],
      -1,
    )
    const decoded = [...this.encoder, ...this.decoder]
      .reduce((x: Tensor, block) => block.apply(x, context), seen)
      .reshape([batch, horizon, -1])
    const beside =
      kept === undefined ? [] : [ops.slice(kept, [0, length, 0], [batch, horizon, kept.shape[2] as number])]
    const line = this.line.apply(past).reshape([batch, horizon, this.outputs])
    return this.step.apply(ops.concat([decoded, ...beside], -1), context).add(line)
  }
}
