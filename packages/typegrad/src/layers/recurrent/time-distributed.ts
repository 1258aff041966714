import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { isSerialized, type SerializedObject, serialize } from '../../base/serialization.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, Layer, type LayerOptions } from '../layer.ts'
import { nestedLayer } from '../nested.ts'
import { formatSymbolicShape, type Outputs, type SymbolicShape } from '../symbolic.ts'

export interface TimeDistributedOptions extends LayerOptions {
  /** What is applied to every step. */
  readonly layer: Layer | SerializedObject
}

/** A layer applied to every step; see {@link timeDistributed}. */
export class TimeDistributed extends Layer {
  readonly className = 'TimeDistributed'
  readonly layer: Layer

  constructor({ layer, ...options }: TimeDistributedOptions) {
    super(options)
    this.layer = isSerialized(layer) ? nestedLayer(layer) : (layer as Layer)
    if (this.layer instanceof Layer) return
    throw new ArgumentError({ where: 'TimeDistributed', expected: 'a layer', received: String(layer) })
  }

  override build(inputShape: SymbolicShape): void {
    if (inputShape.length < 3) {
      throw new ShapeError({
        where: 'TimeDistributed',
        expected: 'an input (batch, time, …)',
        received: `shape ${formatSymbolicShape(inputShape)}`,
      })
    }
    const [batch, , ...step] = inputShape as [number | null, number | null, ...(number | null)[]]
    this.layer.ensureBuilt([batch, ...step])
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

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), layer: serialize(this.layer) }
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
