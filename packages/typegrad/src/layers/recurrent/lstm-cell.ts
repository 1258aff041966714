import {
  type Activation,
  type ActivationIdentifier,
  activationConfig,
  getActivation,
} from '../../activations/index.ts'
import type { DType } from '../../base/dtype.ts'
import { anything, boolean, optionsOf } from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { Initializer } from '../../initializers/index.ts'
import { concat, split } from '../../ops/shape.ts'
import { ones } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { CallContext } from '../base/layer.ts'
import { GatedCell, type GatedCellOptions, gatedCellChecks } from './gated-cell.ts'
import type { CellBatch, RunningCell } from './recurrent-cell.ts'

export interface LSTMCellOptions extends GatedCellOptions {
  /** The function of the gates. Default `'sigmoid'`. */
  readonly recurrentActivation?: ActivationIdentifier
  /** Whether the forget gate's bias begins at 1, so that the first cells remember. Default true. */
  readonly unitForgetBias?: boolean
}

export const lstmCellChecks = optionsOf<LSTMCellOptions>()({
  recurrentActivation: anything,
  unitForgetBias: boolean,
  ...gatedCellChecks,
})

/** Long short-term memory; see {@link lstmCell}. */
@takes(lstmCellChecks)
export class LSTMCell extends GatedCell {
  readonly className: string = 'LSTMCell'
  readonly recurrentActivation: Activation
  readonly unitForgetBias: boolean
  protected readonly gates = 4

  constructor({ recurrentActivation = 'sigmoid', unitForgetBias = true, ...options }: LSTMCellOptions) {
    super(options)
    this.recurrentActivation = getActivation(recurrentActivation)
    this.unitForgetBias = unitForgetBias
  }

  override get stateSizes(): readonly number[] {
    return [this.units, this.units]
  }

  protected override get initialBias(): Initializer {
    return this.unitForgetBias ? new ForgetBias(super.initialBias, this.units) : super.initialBias
  }

  /** The axis along which the gates stand side by side, counted from the end. */
  protected get gateAxis(): number {
    return -1
  }

  /** h · recurrentKernel, where h has lost what dropout takes. */
  protected recurrence(batch: CellBatch, context: CallContext): (h: Tensor) => Tensor {
    const drop = this.stateDropout(batch, context)
    return (h) => drop(h).matmul(this.recurrentKernel)
  }

  start(batch: CellBatch, context: CallContext): RunningCell {
    const project = this.projection(batch, context)
    const recur = this.recurrence(batch, context)
    return {
      project,
      step: (x, [h, c]) => {
        const z = x.add(recur(h as Tensor)) as Tensor // (batch, 4 · units)
        const [i, f, g, o] = split(z, 4, this.gateAxis) as [Tensor, Tensor, Tensor, Tensor]
        const kept = this.recurrentActivation(f).mul(c as Tensor)
        const written = this.recurrentActivation(i).mul(this.activation(g))
        const carry = kept.add(written)
        const output = this.recurrentActivation(o).mul(this.activation(carry))
        return { output, states: [output, carry] }
      },
    }
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      recurrentActivation: activationConfig(this.recurrentActivation),
      unitForgetBias: this.unitForgetBias,
    }
  }
}

/** The bias of input, forget, candidate and output gate, with ones for the forget gate. */
class ForgetBias extends Initializer {
  readonly className = 'ForgetBias'
  readonly #rest: Initializer
  readonly #units: number

  constructor(rest: Initializer, units: number) {
    super()
    this.#rest = rest
    this.#units = units
  }

  initialize(_: Shape, dtype: DType = 'float32'): Tensor {
    const units = this.#units
    return concat([
      this.#rest.initialize([units], dtype),
      ones([units], { dtype }),
      this.#rest.initialize([2 * units], dtype),
    ])
  }
}

/**
 * One step of an {@link lstm}, for {@link rnn} and {@link stackedRNNCells}. Its states are the output and
 * the memory.
 *
 * Weights: kernel (features, 4 · units), recurrentKernel (units, 4 · units), bias (4 · units), in the order
 * of input, forget, candidate and output gate.
 */
export const lstmCell = (options: LSTMCellOptions): LSTMCell => new LSTMCell(options)
