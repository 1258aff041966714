import { StateError } from '../base/errors.ts'
import { boolean, optionsOf } from '../base/options.ts'
import { checked, flag, object } from '../base/schema.ts'
import { takes } from '../base/takes.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Callback, type Ending, type Logs } from './callback.ts'
import { numbered } from './numbered.ts'

export interface SwapEMAWeightsOptions {
  /**
   * Whether the averages also stand in the model from the end of an epoch to the beginning of the next, so that
   * callbacks behind this one (a `modelCheckpoint`) see them. Default false: only while the model is evaluated.
   */
  readonly swapOnEpoch?: boolean
}

export const swapEMAWeightsChecks = optionsOf<SwapEMAWeightsOptions>()({ swapOnEpoch: boolean })

/** Judges a model by the averages of its weights; see {@link swapEMAWeights}. */
@takes(swapEMAWeightsChecks)
export class SwapEMAWeights extends Callback {
  override readonly addsLogs = []
  readonly #swapOnEpoch: boolean
  /** The weights' own values, while the averages are in their place. */
  #kept: readonly Tensor[] | undefined

  constructor({ swapOnEpoch = false }: SwapEMAWeightsOptions = {}) {
    super()
    this.#swapOnEpoch = swapOnEpoch
  }

  override onTrainBegin(): void {
    this.#check()
    this.#kept = undefined
  }

  override onEpochBegin(): void {
    this.#putBack()
  }

  override onEpochEnd(): void {
    if (this.#swapOnEpoch) this.#showAverages()
  }

  override onTestBegin(): void {
    this.#check()
    this.#showAverages()
  }

  override onTestEnd(): void {
    this.#putBack()
  }

  override onPredictBegin(): void {
    this.#check()
    this.#showAverages()
  }

  override onPredictEnd(): void {
    this.#putBack()
  }

  /** `fit` has put the averages into the weights' place for good, unless it failed. */
  override onTrainEnd(_logs: Logs, ending: Ending): void {
    if (ending === 'error') this.#putBack()
    this.#kept = undefined
  }

  #check(): void {
    if (this.model.optimizer.useEma) return
    throw new StateError({
      where: 'swapEMAWeights',
      expected: 'an optimizer that keeps averages of the weights',
      received: `${this.model.optimizer.name}, which does not`,
      fix: 'Make it with useEma: optimizers.adam({ useEma: true }).',
    })
  }

  #showAverages(): void {
    if (this.#kept !== undefined) return
    // Before the first step there are no averages: the weights stand for themselves.
    const averages = [...this.model.optimizer.averages]
    this.#kept = averages.map(([weight]) => weight.value)
    for (const [weight, average] of averages) weight.assign(average.value)
  }

  #putBack(): void {
    if (this.#kept === undefined) return
    const weights = [...this.model.optimizer.averages.keys()]
    for (const [i, value] of this.#kept.entries()) weights[i]?.assign(value)
    this.#kept = undefined
  }

  // A backup that is made while the averages are shown has them as the weights.
  override getState(): unknown {
    return { shown: this.#kept !== undefined }
  }

  override getTensors(): Readonly<Record<string, Tensor>> {
    return Object.fromEntries((this.#kept ?? []).map((value, i) => [`kept_${i}`, value]))
  }

  override setState(state: unknown, tensors: Readonly<Record<string, Tensor>>): void {
    const { shown } = checked(object({ shown: flag }), state, 'swapEMAWeights')
    this.#kept = shown ? numbered('swapEMAWeights', 'kept', tensors) : undefined
  }
}

/**
 * Evaluates the model with the moving averages of its weights (Polyak and Juditsky 1992), which an optimizer
 * with `useEma` keeps, and gives it back its weights to train on.
 *
 * @throws StateError when the training begins, if the optimizer keeps no averages.
 * @example
 * model.compile({ optimizer: optimizers.adam({ useEma: true }), loss: 'mse' })
 * await model.fit(x, y, {
 *   epochs: 20,
 *   validationSplit: 0.1,
 *   callbacks: [swapEMAWeights({ swapOnEpoch: true }), modelCheckpoint({ filepath: 'runs/best' })],
 * })
 */
export const swapEMAWeights = (options?: SwapEMAWeightsOptions): SwapEMAWeights => new SwapEMAWeights(options)
