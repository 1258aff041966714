import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { Tensor } from '../../tensor/tensor.ts'
import type { CallContext } from '../layer.ts'
import { formatSymbolicShape, type Outputs, type SymbolicShape } from '../symbolic.ts'
import { Wrapper, type WrapperOptions } from '../wrapper.ts'

/** The layer is what is applied to every step. */
export interface TimeDistributedOptions extends WrapperOptions {}

/** A layer applied to every step; see {@link timeDistributed}. */
export class TimeDistributed extends Wrapper {
  readonly className = 'TimeDistributed'

  override build(inputShape: SymbolicShape): void {
    if (inputShape.length < 3) {
      throw new ShapeError({
        where: 'TimeDistributed',
        expected: 'an input (batch, time, …)',
        received: `shape ${formatSymbolicShape(inputShape)}`,
      })
    }
    const [batch, , ...step] = inputShape as [number | null, number | null, ...(number | null)[]]
    super.build([batch, ...step])
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor, context: CallContext): Tensor {
    const [batch, length, ...step] = x.shape as [number, number, ...number[]]
    // The mask says which steps count, not which parts of a step.
    const { mask: _, ...inner } = context
    const y: Outputs = this.layer.apply(x.reshape([batch * length, ...step]) as Tensor, inner)
    if (!(y instanceof Tensor)) {
      throw new ArgumentError({
        where: 'TimeDistributed',
        expected: 'a layer with a single output',
        received: `${this.layer.name}, which has several`,
      })
    }
    return y.reshape([batch, length, ...y.shape.slice(1)]) as Tensor
  }
}

/**
 * Applies a layer to every step of sequences, with the same weights. The steps of all sequences go through it
 * as one batch.
 *
 * Input (batch, time, …), output (batch, time, …) with what the layer makes of the rest.
 *
 * @throws ShapeError for an input without steps, ArgumentError for a layer with several outputs.
 * @example
 * layers.timeDistributed({ layer: layers.conv2d({ filters: 8, kernelSize: 3 }), inputShape: [10, 28, 28, 1] })
 */
export const timeDistributed = (options: TimeDistributedOptions): TimeDistributed =>
  new TimeDistributed(options)
