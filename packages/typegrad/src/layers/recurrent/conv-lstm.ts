import { optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Outputs } from '../base/symbolic.ts'
import {
  type ConvLSTMOptions as CellOptions,
  ConvLSTMCell,
  convLSTMChecks as cellChecks,
} from './conv-lstm-cell.ts'
import { layerAndCellOptions } from './recurrent-options.ts'
import { type RecurrentOptions, type ReturningState, RNN, recurrentChecks } from './rnn.ts'

export interface ConvLSTMOptions extends CellOptions, RecurrentOptions {}

/** The output with the states h and c. */
type OutputAndStates = readonly [Tensor, Tensor, Tensor]

export const convLSTMChecks = optionsOf<ConvLSTMOptions>()({ ...cellChecks, ...recurrentChecks })

/** What convolutional LSTMs over one, two and three spatial dimensions have in common. */
export abstract class ConvLSTM<out Out extends Outputs = Tensor> extends RNN<Out> {
  constructor(className: string, rank: number, options: ConvLSTMOptions) {
    const { layer, cell } = layerAndCellOptions(className, options)
    super({ ...layer, cell: new ConvLSTMCell({ ...cell, rank }) })
  }

  override getConfig(): Record<string, unknown> {
    const { rank: _, ...cell } = this.cell.getConfig()
    return { ...cell, ...this.sequenceConfig() }
  }
}

/** A convolutional LSTM over sequences of rows; see {@link convLSTM1d}. */
@takes(convLSTMChecks)
export class ConvLSTM1D<out Out extends Outputs = Tensor> extends ConvLSTM<Out> {
  override readonly className = 'ConvLSTM1D'
  constructor(options: ConvLSTMOptions) {
    super('ConvLSTM1D', 1, options)
  }
}

/** A convolutional LSTM over sequences of images; see {@link convLSTM2d}. */
@takes(convLSTMChecks)
export class ConvLSTM2D<out Out extends Outputs = Tensor> extends ConvLSTM<Out> {
  override readonly className = 'ConvLSTM2D'
  constructor(options: ConvLSTMOptions) {
    super('ConvLSTM2D', 2, options)
  }
}

/** A convolutional LSTM over sequences of volumes; see {@link convLSTM3d}. */
@takes(convLSTMChecks)
export class ConvLSTM3D<out Out extends Outputs = Tensor> extends ConvLSTM<Out> {
  override readonly className = 'ConvLSTM3D'
  constructor(options: ConvLSTMOptions) {
    super('ConvLSTM3D', 3, options)
  }
}

/**
 * An LSTM over sequences of rows whose products with the kernels are convolutions. Shi et al. 2015,
 * https://arxiv.org/abs/1506.04214 (without the connections from the memory to the gates)
 *
 * Input (batch, time, steps, channels), output (batch, new steps, filters), with returnSequences (batch, time, new
 * steps, filters); with `dataFormat: 'channelsFirst'` the channels come before the steps. Weights: kernel
 * (kernelSize, channels, 4 · filters), recurrentKernel (kernelSize, filters, 4 · filters), bias (4 · filters), in the
 * order of input, forget, candidate and output gate.
 *
 * @throws ArgumentError for options that are none, ShapeError for an input of another rank.
 * @example
 * layers.convLSTM1d({ filters: 8, kernelSize: 3, padding: 'same', inputShape: [10, 64, 1] })
 */
export function convLSTM1d(options: ReturningState<ConvLSTMOptions>): ConvLSTM1D<OutputAndStates>
export function convLSTM1d(options: ConvLSTMOptions): ConvLSTM1D
export function convLSTM1d(options: ConvLSTMOptions): ConvLSTM1D<Outputs> {
  return new ConvLSTM1D(options)
}

/**
 * An LSTM over sequences of images whose products with the kernels are convolutions: what will the next radar image
 * be? Shi et al. 2015, https://arxiv.org/abs/1506.04214 (without the connections from the memory to the gates)
 *
 * Input (batch, time, height, width, channels), output (batch, new height, new width, filters), with returnSequences
 * (batch, time, new height, new width, filters); with `dataFormat: 'channelsFirst'` the channels come before the
 * height. Weights: kernel (height, width, channels, 4 · filters), recurrentKernel (height, width, filters,
 * 4 · filters), bias (4 · filters), in the order of input, forget, candidate and output gate.
 *
 * @throws ArgumentError for options that are none, ShapeError for an input of another rank.
 * @example
 * layers.convLSTM2d({ filters: 16, kernelSize: 3, padding: 'same', returnSequences: true, inputShape: [10, 32, 32, 1] })
 */
export function convLSTM2d(options: ReturningState<ConvLSTMOptions>): ConvLSTM2D<OutputAndStates>
export function convLSTM2d(options: ConvLSTMOptions): ConvLSTM2D
export function convLSTM2d(options: ConvLSTMOptions): ConvLSTM2D<Outputs> {
  return new ConvLSTM2D(options)
}

/**
 * The same as {@link convLSTM2d} for sequences of volumes.
 *
 * Input (batch, time, depth, height, width, channels), output (batch, …new sizes, filters).
 *
 * @throws ArgumentError for options that are none, ShapeError for an input of another rank.
 * @example
 * layers.convLSTM3d({ filters: 4, kernelSize: 3, inputShape: [5, 8, 8, 8, 1] })
 */
export function convLSTM3d(options: ReturningState<ConvLSTMOptions>): ConvLSTM3D<OutputAndStates>
export function convLSTM3d(options: ConvLSTMOptions): ConvLSTM3D
export function convLSTM3d(options: ConvLSTMOptions): ConvLSTM3D<Outputs> {
  return new ConvLSTM3D(options)
}
