import { checkOptions } from '../base/options.ts'
import { packageNameOf } from '../base/registered.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Loss, type LossContext, type LossOptions, lossChecks } from './loss.ts'

/** The value of every sample from labels and predictions; its context says whether the model trains. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor, context: LossContext) => Tensor

/** A loss made of a function; only one that was registered can be loaded again from a configuration. */
export class FunctionLoss extends Loss {
  readonly className = 'FunctionLoss'
  readonly #fn: LossFunction

  constructor(fn: LossFunction, options: LossOptions = {}) {
    checkOptions('FunctionLoss', options, lossChecks)
    super(options, fn.name || 'loss')
    this.#fn = fn
  }

  /** The name that the function was registered by; undefined for one that cannot be loaded again. */
  get registeredName(): string | undefined {
    return packageNameOf(this.#fn, 'loss')
  }

  override call(yTrue: Tensor, yPred: Tensor, context: LossContext = { training: false }): Tensor {
    return this.#fn(yTrue, yPred, context)
  }

  /** A function of its own may take labels of any shape. */
  override validate(): void {}
}
