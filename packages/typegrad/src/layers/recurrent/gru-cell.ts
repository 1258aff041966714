import {
  type Activation,
  type ActivationIdentifier,
  activationConfig,
  getActivation,
} from '../../activations/index.ts'
import { anything, boolean, optionsOf } from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { at, slice, split } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { CallContext } from '../base/layer.ts'
import { GatedCell, type GatedCellOptions, gatedCellChecks } from './gated-cell.ts'
import type { CellBatch, CellStep, RunningCell } from './recurrent-cell.ts'

export interface GRUCellOptions extends GatedCellOptions {
  /** The function of the gates. Default `'sigmoid'`. */
  readonly recurrentActivation?: ActivationIdentifier
  /**
   * Whether the reset gate works on the product of state and recurrent kernel, which is faster and has a
   * second bias, or on the state itself, as in the first version of the paper. Default true.
   */
  readonly resetAfter?: boolean
}

export const gruCellChecks = optionsOf<GRUCellOptions>()({
  recurrentActivation: anything,
  resetAfter: boolean,
  ...gatedCellChecks,
})

/** Gated recurrent unit; see {@link gruCell}. */
@takes(gruCellChecks)
export class GRUCell extends GatedCell {
  readonly className: string = 'GRUCell'
  readonly recurrentActivation: Activation
  readonly resetAfter: boolean
  protected readonly gates = 3

  constructor({ recurrentActivation = 'sigmoid', resetAfter = true, ...options }: GRUCellOptions) {
    super(options)
    this.recurrentActivation = getActivation(recurrentActivation)
    this.resetAfter = resetAfter
  }

  protected override get biasShape(): Shape {
    return this.resetAfter ? [2, 3 * this.units] : [3 * this.units]
  }

  start(batch: CellBatch, context: CallContext): RunningCell {
    const { bias } = this
    const drop = this.stateDropout(batch, context)
    if (!this.resetAfter) return { project: this.projection(batch, context), step: this.#resetBefore(drop) }
    const [inputBias, recurrentBias] = bias === undefined ? [] : [at(bias, 0), at(bias, 1)]
    return {
      project: this.projection(batch, context, inputBias),
      step: this.#resetAfter(drop, recurrentBias),
    }
  }

  #resetAfter(drop: (h: Tensor) => Tensor, bias: Tensor | undefined): RunningCell['step'] {
    return (x, [state]) => {
      const h = state as Tensor
      const product = drop(h).matmul(this.recurrentKernel) as Tensor // (batch, 3 · units)
      const inner = bias === undefined ? product : (product.add(bias) as Tensor)
      const gates = this.recurrentActivation(this.#gates(x).add(this.#gates(inner)) as Tensor)
      const [z, r] = split(gates, 2, 1) as [Tensor, Tensor]
      const candidate = this.activation(this.#candidate(x).add(r.mul(this.#candidate(inner))) as Tensor)
      return mixed(z, h, candidate)
    }
  }

  #resetBefore(drop: (h: Tensor) => Tensor): RunningCell['step'] {
    return (x, [state]) => {
      const h = state as Tensor
      const kept = drop(h)
      const kernel = this.recurrentKernel
      const gates = this.recurrentActivation(this.#gates(x).add(kept.matmul(this.#gates(kernel))) as Tensor)
      const [z, r] = split(gates, 2, 1) as [Tensor, Tensor]
      const product = r.mul(kept).matmul(this.#candidate(kernel))
      return mixed(z, h, this.activation(this.#candidate(x).add(product) as Tensor))
    }
  }

  /** Columns of update and reset gate. */
  #gates(t: Tensor): Tensor {
    return slice(t, [0, 0], [t.shape[0] as number, 2 * this.units])
  }

  /** Columns of the candidate state. */
  #candidate(t: Tensor): Tensor {
    return slice(t, [0, 2 * this.units], [t.shape[0] as number, this.units])
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      recurrentActivation: activationConfig(this.recurrentActivation),
      resetAfter: this.resetAfter,
    }
  }
}

/** z · h + (1 − z) · candidate, with one product less. */
function mixed(z: Tensor, h: Tensor, candidate: Tensor): CellStep {
  const output = candidate.add(z.mul(h.sub(candidate)))
  return { output, states: [output] }
}

/**
 * One step of a {@link gru}, for {@link rnn} and {@link stackedRNNCells}.
 *
 * Weights: kernel (features, 3 · units), recurrentKernel (units, 3 · units), bias (2, 3 · units) or, without
 * resetAfter, (3 · units), in the order of update gate, reset gate and candidate.
 */
export const gruCell = (options: GRUCellOptions): GRUCell => new GRUCell(options)
