import { optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Outputs } from '../base/symbolic.ts'
import { GRUCell, type GRUCellOptions, gruCellChecks } from './gru-cell.ts'
import { layerAndCellOptions } from './recurrent-options.ts'
import { type RecurrentOptions, type ReturningState, RNN, recurrentChecks } from './rnn.ts'

export interface GRUOptions extends GRUCellOptions, RecurrentOptions {}

export const gruChecks = optionsOf<GRUOptions>()({ ...gruCellChecks, ...recurrentChecks })

/** Gated recurrent unit; see {@link gru}. */
@takes(gruChecks)
export class GRU<out Out extends Outputs = Tensor> extends RNN<Out> {
  override readonly className = 'GRU'

  constructor(options: GRUOptions) {
    const { layer, cell } = layerAndCellOptions('GRU', options)
    super({ ...layer, cell: new GRUCell(cell) })
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.cell.getConfig(), ...this.sequenceConfig() }
  }
}

/**
 * Gated recurrent unit, Cho et al. 2014, https://arxiv.org/abs/1406.1078
 *
 * z, r = recurrentActivation of their columns of x · kernel + h · recurrentKernel + biases, the candidate
 * g = activation(x · kernel + r · (h · recurrentKernel)); h' = z · h + (1 − z) · g.
 *
 * Input (batch, time, features), or a list with the initial state behind; output (batch, units), with
 * returnSequences (batch, time, units); with returnState a list with the final state behind. Weights: kernel
 * (features, 3 · units), recurrentKernel (units, 3 · units), bias (2, 3 · units), in the order z, r, g; without
 * resetAfter the bias is (3 · units).
 *
 * @throws ShapeError for an input that is no batch of sequences.
 * @example
 * layers.gru({ units: 64, inputShape: [20, 8] }) // (batch, 20, 8) → (batch, 64)
 */
export function gru(options: ReturningState<GRUOptions>): GRU<readonly [Tensor, Tensor]>
export function gru(options: GRUOptions): GRU
export function gru(options: GRUOptions): GRU<Outputs> {
  return new GRU(options)
}
