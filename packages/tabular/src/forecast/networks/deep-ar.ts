import { layers, type Tensor } from 'typegrad'
import { optionsOf } from 'typegrad/core'
import { type CallContext, checks, Layer, type LayerOptions, layerChecks, takes } from 'typegrad/layers'

export interface DeepAROptions extends LayerOptions {
  /** Size of each recurrent layer. Default 40. */
  readonly units?: number
  /** Recurrent layers. Default 2. */
  readonly layers?: number
}

const deepARChecks = optionsOf<DeepAROptions>()({
  units: checks.count,
  layers: checks.count,
  ...layerChecks,
})

/** The states of all recurrent layers, h and c of each in turn. */
export type DeepARState = readonly Tensor[]

/**
 * DeepAR: recurrent layers that are given the value before and what is known of each step, and tell the normal distribution of its value.
 *
 * Input (batch, steps, 1 + columns), output (batch, steps, 2): the mean, and what {@link deviationOf} makes the deviation of.
 *
 * Salinas et al. 2020, "DeepAR: probabilistic forecasting with autoregressive recurrent networks", https://arxiv.org/abs/1704.04110
 */
@takes(deepARChecks)
export class DeepAR extends Layer {
  readonly className = 'DeepAR'
  readonly units: number
  readonly cells: readonly layers.LSTM<readonly [Tensor, Tensor, Tensor]>[]
  readonly head: layers.Dense

  constructor({ units = 40, layers: depth = 2, ...options }: DeepAROptions) {
    super(options)
    this.units = units
    this.cells = Array.from({ length: depth }, () =>
      layers.lstm({ units, returnSequences: true, returnState: true }),
    )
    this.head = layers.dense({ units: 2 })
  }

  call(x: Tensor, _context?: CallContext): Tensor {
    return this.follow(x)[0]
  }

  /** The output, and the states behind the last step; from the states before the first, or from none. */
  follow(x: Tensor, before?: DeepARState): readonly [Tensor, DeepARState] {
    const after: Tensor[] = []
    const hidden = this.cells.reduce((sequence: Tensor, cell, i) => {
      const [out, h, c] =
        before === undefined
          ? cell.apply(sequence)
          : cell.apply(sequence, { initialState: [before[2 * i] as Tensor, before[2 * i + 1] as Tensor] })
      after.push(h, c)
      return out
    }, x)
    return [this.head.apply(hidden), after]
  }
}
