import { anything, checkSpelling, optionsOf, string } from '../base/options.ts'
import { canonicalName } from '../base/registry.ts'
import type { Configurable } from '../base/serialization.ts'
import { logicalAnd } from '../ops/comparison.ts'
import { Tensor } from '../tensor/tensor.ts'
import { checkElementwise, type HostLabels, type OutputShape } from './labels.ts'
import { type Reduction, reduceWeighted, reductions, type Weighting } from './reduction.ts'

/** What every loss's factory takes. */
export interface LossOptions {
  /** Its name in errors and configurations. Default: the loss's name as Keras has it, such as `mean_squared_error`. */
  readonly name?: string | undefined
  /** How the samples' values become one. Default `'sumOverBatchSize'`, their mean. */
  readonly reduction?: Reduction | undefined
}

export const lossChecks = optionsOf<LossOptions>()({ name: string, reduction: anything })

/** What a call of a loss knows beside labels and predictions. */
export interface LossContext {
  /** Whether the model trains, rather than being evaluated. */
  readonly training: boolean
}

const evaluation: LossContext = { training: false }

/**
 * What a model's outputs cost, given what they should be: the number that training lowers.
 *
 * A loss that is another one while the model trains (noise, smoothed labels) asks its context: `fit` says
 * `training: true`, and `evaluate` and the validation `training: false`.
 *
 * @example
 * class CubicError extends Loss {
 *   readonly className = 'CubicError'
 *   call(yTrue: Tensor, yPred: Tensor) { return yPred.sub(yTrue).abs().pow(3).mean(-1) }
 * }
 */
export abstract class Loss implements Configurable {
  /** The class's name in saved configurations; Keras's where Keras has the loss. */
  abstract readonly className: string
  readonly name: string
  readonly reduction: Reduction

  /** @param defaultName the name if the options have none. */
  constructor({ name, reduction = 'sumOverBatchSize', ...others }: LossOptions = {}, defaultName = 'loss') {
    checkSpelling('loss', others, lossChecks)
    this.name = name ?? defaultName
    this.reduction = canonicalName('loss reduction', reduction, reductions)
  }

  /** The value of every sample (and position), without the last axis as a rule. Traced. */
  abstract call(yTrue: Tensor, yPred: Tensor, context?: LossContext): Tensor

  /** Which values count, where the loss itself leaves some out: booleans of the values' shape. */
  protected maskOf(_yTrue: Tensor, _values: Tensor): Tensor | undefined {
    return undefined
  }

  /**
   * The reduced loss.
   *
   * @param sampleWeight what each sample (or position) counts: (batch) or the shape of the values.
   * @param mask which values count at all, from layers that mask.
   * @param context what `call` is told. Default: that the model is evaluated.
   * @throws ShapeError if labels, predictions and weights do not fit each other.
   */
  apply(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor, mask?: Tensor, context = evaluation): Tensor {
    const values = this.call(yTrue, yPred, context)
    const own = this.maskOf(yTrue, values)
    const weighting: Weighting = {
      sampleWeight,
      mask: own === undefined || mask === undefined ? (own ?? mask) : logicalAnd(own, mask),
    }
    return reduceWeighted(values, this.reduction, weighting)
  }

  /**
   * Checks labels before anything runs: one pass, no copies.
   *
   * @param firstSample number of the first sample, where the labels are a slice of more.
   * @throws DataError naming the first sample whose label the loss cannot take, or the shape.
   */
  validate(labels: HostLabels, outputShape: OutputShape, _firstSample = 0): void {
    checkElementwise(this.className, labels, outputShape)
  }

  /** What makes the loss again with these options; JSON. */
  getConfig(): Record<string, unknown> {
    return { name: this.name, reduction: this.reduction }
  }
}

/** The same name makes a loss from options and computes its values from labels and predictions. */
export interface LossFactory<L extends Loss, O extends LossOptions> {
  /** A loss to give to `compile`. */
  (options?: O): L
  /** The value of every sample. */
  (yTrue: Tensor, yPred: Tensor, options?: O | LossContext): Tensor
}

/** What a loss's file exports beside its class. */
export const lossFactory = <L extends Loss, O extends LossOptions>(
  Class: new (options?: O) => L,
): LossFactory<L, O> =>
  Object.assign(
    (first?: O | Tensor, yPred?: Tensor, options?: O) =>
      first instanceof Tensor ? new Class(options).call(first, yPred as Tensor) : new Class(first),
    { nullMeans: { reduction: 'none' } },
  ) as LossFactory<L, O>
