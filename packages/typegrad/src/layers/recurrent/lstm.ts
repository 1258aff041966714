import { optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Outputs } from '../base/symbolic.ts'
import { LSTMCell, type LSTMCellOptions, lstmCellChecks } from './lstm-cell.ts'
import { layerAndCellOptions } from './recurrent-options.ts'
import { type RecurrentOptions, type ReturningState, RNN, recurrentChecks } from './rnn.ts'

export interface LSTMOptions extends LSTMCellOptions, RecurrentOptions {}

export const lstmChecks = optionsOf<LSTMOptions>()({ ...lstmCellChecks, ...recurrentChecks })

/** Long short-term memory; see {@link lstm}. */
@takes(lstmChecks)
export class LSTM<out Out extends Outputs = Tensor> extends RNN<Out> {
  override readonly className = 'LSTM'

  constructor(options: LSTMOptions) {
    const { layer, cell } = layerAndCellOptions('LSTM', options)
    super({ ...layer, cell: new LSTMCell(cell) })
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.cell.getConfig(), ...this.sequenceConfig() }
  }
}

/**
 * Long short-term memory, Hochreiter and Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735
 *
 * i, f, o = recurrentActivation of their columns of x · kernel + h · recurrentKernel + bias, g = activation of
 * its; c' = f · c + i · g; h' = o · activation(c').
 *
 * Input (batch, time, features), or a list with the initial states h and c behind; output (batch, units), with
 * returnSequences (batch, time, units); with returnState a list with the final h and c behind. Weights: kernel
 * (features, 4 · units), recurrentKernel (units, 4 · units), bias (4 · units), in the order i, f, g, o.
 *
 * @throws ShapeError for an input that is no batch of sequences.
 * @example
 * layers.lstm({ units: 64, returnSequences: true, inputShape: [20, 8] }) // (batch, 20, 8) → (batch, 20, 64)
 * layers.lstm({ units: 64, dropout: 0.2, recurrentDropout: 0.2 })
 */
export function lstm(options: ReturningState<LSTMOptions>): LSTM<readonly [Tensor, Tensor, Tensor]>
export function lstm(options: LSTMOptions): LSTM
export function lstm(options: LSTMOptions): LSTM<Outputs> {
  return new LSTM(options)
}
