/**
 * `forecast/networks/`: networks that learn from all series at once, windows of which they are given in a scale of their own. They know
 * typegrad's layers, and how windows are cut.
 */
import { layers, type Tensor, tensor } from 'typegrad'
import { ops, optionsOf } from 'typegrad/core'
import { type CallContext, checks, Layer, type LayerOptions, layerChecks, takes } from 'typegrad/layers'

export interface NHitsOptions extends LayerOptions {
  /** Steps that are forecast. */
  readonly horizon: number
  /** Steps of the past. */
  readonly length: number
  /** How many numbers are forecast of each step. */
  readonly outputs: number
  /** Size of the hidden layers. Default 512. */
  readonly units?: number
  /** Hidden layers with an activation in each block; one without stands before them. Default 2. */
  readonly layers?: number
  /** How many steps each block sees as one. Default 2, 2, 1. */
  readonly pools?: readonly number[]
  /** How many steps each block forecasts as one, with a line between them. Default 4, 2, 1. */
  readonly downsampling?: readonly number[]
}

const isCounts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => Number.isInteger(one) && one > 0)

const nHitsChecks = optionsOf<NHitsOptions>()({
  horizon: checks.needed(checks.count),
  length: checks.needed(checks.count),
  outputs: checks.needed(checks.count),
  units: checks.count,
  layers: checks.count,
  pools: { expected: 'an array of positive whole numbers', accepts: isCounts },
  downsampling: { expected: 'an array of positive whole numbers', accepts: isCounts },
  ...layerChecks,
})

/**
 * N-HiTS: blocks that each take from the past what the one before has explained, and add a forecast of few knots to the last value.
 *
 * Inputs, a list: the past (batch, length), what is known beside it (batch, length + horizon, columns), and what does not change (batch,
 * columns); the last two may be left out. Output (batch, horizon, outputs).
 *
 * Challu et al. 2023, "N-HiTS: neural hierarchical interpolation for time series forecasting", https://arxiv.org/abs/2201.12886
 */
@takes(nHitsChecks)
export class NHits extends Layer<readonly Tensor[]> {
  readonly className = 'NHits'
  readonly horizon: number
  readonly length: number
  readonly outputs: number
  readonly blocks: readonly (readonly layers.Dense[])[]
  readonly pools: readonly layers.MaxPooling1D[]
  /** Of each block, [knots, horizon]. */
  readonly #lines: readonly Tensor[]

  constructor({
    horizon,
    length,
    outputs,
    units = 512,
    layers: depth = 2,
    pools = [2, 2, 1],
    downsampling = [4, 2, 1],
    ...options
  }: NHitsOptions) {
    super(options)
    this.horizon = horizon
    this.length = length
    this.outputs = outputs
    const knots = downsampling.map((steps) => Math.max(1, Math.floor(horizon / steps)))
    this.blocks = knots.map((count) => [
      layers.dense({ units }),
      ...Array.from({ length: depth }, () => layers.dense({ units, activation: 'relu' })),
      layers.dense({ units: length + outputs * count }),
    ])
    this.pools = pools.map((poolSize) => layers.maxPooling1d({ poolSize, padding: 'same' }))
    this.#lines = knots.map((count) => interpolation(count, horizon))
  }

  call(inputs: readonly Tensor[], _context?: CallContext): Tensor {
    const [past, known, statics] = inputs as WindowInputs
    const [batch = 0] = past.shape
    const { horizon, length, outputs } = this
    let rest = ops.flip(past, 1)
    const last = ops.slice(past, [0, length - 1], [batch, 1]).expandDims(-1)
    let forecast = ops.broadcastTo(last, [batch, horizon, outputs])
    for (const [i, block] of this.blocks.entries()) {
      const pool = this.pools[i] as layers.MaxPooling1D
      const seen = [
        pool.apply(rest.expandDims(-1)).reshape([batch, -1]),
        ...(known === undefined ? [] : [pool.apply(known).reshape([batch, -1])]),
        ...(statics === undefined ? [] : [statics]),
      ]
      const theta = block.reduce((x: Tensor, dense) => dense.apply(x), ops.concat(seen, -1))
      const knots = (theta.shape[1] as number) - length
      rest = rest.sub(ops.slice(theta, [0, 0], [batch, length]))
      // (batch, outputs, knots) · (knots, horizon) → (batch, horizon, outputs)
      const own = ops
        .slice(theta, [0, length], [batch, knots])
        .reshape([batch, outputs, knots / outputs])
        .matmul(this.#lines[i] as Tensor)
      forecast = forecast.add(own.transpose([0, 2, 1]))
    }
    return forecast
  }
}

/** What networks are given of windows: the past, and, where there is such, what is known beside it and what does not change. */
export type WindowInputs = readonly [past: Tensor, known?: Tensor, statics?: Tensor]

/** What knots weigh in each step between them: [knots, steps], with the knots in the middle of as many steps each. */
function interpolation(knots: number, steps: number): Tensor {
  const weights = new Float32Array(knots * steps)
  for (let step = 0; step < steps; step++) {
    const at = Math.min(Math.max(((step + 0.5) * knots) / steps - 0.5, 0), knots - 1)
    const left = Math.floor(at)
    weights[left * steps + step] = 1 - (at - left)
    if (left + 1 < knots) weights[(left + 1) * steps + step] = at - left
  }
  return tensor(weights, { shape: [knots, steps] })
}
