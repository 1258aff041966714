import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { any } from '../../ops/reduce.ts'
import { at, stack } from '../../ops/shape.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { withScope } from '../../tensor/trace.ts'
import { repeatActivityPenalties, withActivityPenalties } from '../base/activity.ts'
import type { CallContext } from '../base/layer.ts'
import { remasked } from '../base/masks.ts'
import { NotingScope } from '../base/noting-scope.ts'
import { formatSymbolicShape, type Outputs, type SymbolicShape } from '../base/symbolic.ts'
import { Wrapper, type WrapperOptions, wrapperChecks } from '../base/wrapper.ts'

/** The layer is what is applied to every step. */
export interface TimeDistributedOptions extends WrapperOptions {}

export const timeDistributedChecks = optionsOf<TimeDistributedOptions>()({ ...wrapperChecks })

/** A layer applied to every step; see {@link timeDistributed}. */
@takes(timeDistributedChecks)
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

  /** `call` marks the output itself: what fits it of the mask depends on its shape. */
  override computeMask(): undefined {
    return undefined
  }

  call(x: Tensor, context: CallContext): Tensor {
    const { mask } = context
    const y = this.#mayAssign(context) ? this.#inTurn(x, context) : this.#atOnce(x, context)
    return mask === undefined ? y : remasked(y, fitting(mask, y))
  }

  /** Whether the layer may change a variable when it is called: then each step has to see what the one before left. */
  #mayAssign({ training }: CallContext): boolean {
    const { layer } = this
    return layer.states.length > 0 || (training && layer.nonTrainableWeights.length > 0)
  }

  /** The steps of all sequences as one batch. */
  #atOnce(x: Tensor, context: CallContext): Tensor {
    const [batch, length] = x.shape as readonly [number, number]
    const together = (t: Tensor): Tensor => t.reshape([batch * length, ...t.shape.slice(2)])
    const mask = context.mask && together(context.mask)
    // A penalty is divided by its batch: all steps together weigh as much as each for itself and then their sum.
    const y = repeatActivityPenalties(length, () => this.#step(together(x), { ...context, mask }))
    return y.reshape([batch, length, ...y.shape.slice(1)])
  }

  /** One step after the other, unless no variable of the layer is assigned in them after all. */
  #inTurn(x: Tensor, context: CallContext): Tensor {
    const noting = new NotingScope()
    withScope(noting, () => withActivityPenalties(() => this.#atOnce(x, context)))
    const { layer } = this
    if (![...layer.weights, ...layer.states].some((variable) => noting.assigned.has(variable))) {
      return this.#atOnce(x, context)
    }
    const { mask } = context
    const outputs = Array.from({ length: x.shape[1] as number }, (_, step) =>
      this.#step(at(x, step, 1), { ...context, mask: mask && at(mask, step, 1) }),
    )
    return stack(outputs, 1)
  }

  /**
   * The layer on one step of each sequence. It is called and not applied, as in Keras: what its own output costs by its
   * `activityRegularizer` is not counted.
   */
  #step(x: Tensor, context: CallContext): Tensor {
    const { layer } = this
    const mask = layer.impliedMask([context.mask])
    const y: Outputs = layer.call(remasked(x, context.mask), {
      ...context,
      mask: layer.supportsMasking ? mask : undefined,
    })
    if (y instanceof Tensor) return y
    throw new ArgumentError({
      where: 'TimeDistributed',
      expected: 'a layer with a single output',
      received: `${layer.name}, which has several`,
    })
  }
}

/** Of a mask (batch, time, …) the axes that a tensor still has before its last one; a step counts if a part of it does. */
function fitting(mask: Tensor, { shape }: Tensor): Tensor {
  const fits = mask.rank < shape.length && mask.shape.every((size, axis) => size === shape[axis])
  if (fits || mask.rank <= 2) return mask
  const parts = Array.from({ length: mask.rank - 2 }, (_, i) => i + 2)
  return any(mask, parts)
}

/**
 * Applies a layer to every step of sequences, with the same weights. The steps of all sequences go through it
 * as one batch; where the layer changes a variable (a moving mean, a state), one after the other, as in Keras.
 *
 * A mask (batch, time, …) goes to the layer step by step: it tells batch normalization which samples count, and of
 * (batch, time, words) a recurrent layer which words.
 *
 * Input (batch, time, …), output (batch, time, …) with what the layer makes of the rest.
 *
 * @throws ShapeError for an input without steps, ArgumentError for a layer with several outputs.
 * @example
 * layers.timeDistributed({ layer: layers.conv2d({ filters: 8, kernelSize: 3 }), inputShape: [10, 28, 28, 1] })
 */
export const timeDistributed = (options: TimeDistributedOptions): TimeDistributed =>
  new TimeDistributed(options)
