import { optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Outputs } from '../base/symbolic.ts'
import { layerAndCellOptions } from './recurrent-options.ts'
import { type RecurrentOptions, type ReturningState, RNN, recurrentChecks } from './rnn.ts'
import { SimpleRNNCell, type SimpleRNNCellOptions, simpleRNNCellChecks } from './simple-rnn-cell.ts'

export interface SimpleRNNOptions extends SimpleRNNCellOptions, RecurrentOptions {}

export const simpleRNNChecks = optionsOf<SimpleRNNOptions>()({ ...simpleRNNCellChecks, ...recurrentChecks })

/** A fully connected recurrent layer; see {@link simpleRNN}. */
@takes(simpleRNNChecks)
export class SimpleRNN<out Out extends Outputs = Tensor> extends RNN<Out> {
  override readonly className = 'SimpleRNN'

  constructor(options: SimpleRNNOptions) {
    const { layer, cell } = layerAndCellOptions('SimpleRNN', options)
    super({ ...layer, cell: new SimpleRNNCell(cell) })
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.cell.getConfig(), ...this.sequenceConfig() }
  }
}

/**
 * A recurrent layer whose state is its output: h' = activation(x · kernel + h · recurrentKernel + bias).
 *
 * Input (batch, time, features), or a list with the initial state behind; output (batch, units), with
 * returnSequences (batch, time, units); with returnState a list with the final state behind. Weights: kernel
 * (features, units), recurrentKernel (units, units), bias (units).
 *
 * @throws ShapeError for an input that is no batch of sequences.
 * @example
 * layers.simpleRNN({ units: 16, inputShape: [20, 8] }) // (batch, 20, 8) → (batch, 16)
 */
export function simpleRNN(options: ReturningState<SimpleRNNOptions>): SimpleRNN<readonly [Tensor, Tensor]>
export function simpleRNN(options: SimpleRNNOptions): SimpleRNN
export function simpleRNN(options: SimpleRNNOptions): SimpleRNN<Outputs> {
  return new SimpleRNN(options)
}
