import { optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { CallContext } from '../base/layer.ts'
import { GatedCell, type GatedCellOptions, gatedCellChecks } from './gated-cell.ts'
import type { CellBatch, RunningCell } from './recurrent-cell.ts'

export interface SimpleRNNCellOptions extends GatedCellOptions {}

export const simpleRNNCellChecks = optionsOf<SimpleRNNCellOptions>()({ ...gatedCellChecks })

/** `h' = activation(x · kernel + h · recurrentKernel + bias)`; see {@link simpleRNNCell}. */
@takes(simpleRNNCellChecks)
export class SimpleRNNCell extends GatedCell {
  readonly className: string = 'SimpleRNNCell'
  protected readonly gates = 1

  start(batch: CellBatch, context: CallContext): RunningCell {
    const project = this.projection(batch, context)
    const drop = this.stateDropout(batch, context)
    return {
      project,
      step: (z, [h]) => {
        const output = this.activation(z.add(drop(h as Tensor).matmul(this.recurrentKernel)) as Tensor)
        return { output, states: [output] }
      },
    }
  }
}

/**
 * One step of a {@link simpleRNN}, for {@link rnn} and {@link stackedRNNCells}.
 *
 * Weights: kernel (features, units), recurrentKernel (units, units), bias (units).
 */
export const simpleRNNCell = (options: SimpleRNNCellOptions): SimpleRNNCell => new SimpleRNNCell(options)
