import { func, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { Callback } from './callback.ts'

/** The moments of a training that a function can be called at. */
export type CallbackHooks = Pick<
  Callback,
  | 'onTrainBegin'
  | 'onTrainEnd'
  | 'onEpochBegin'
  | 'onEpochEnd'
  | 'onTrainBatchBegin'
  | 'onTrainBatchEnd'
  | 'onTestBegin'
  | 'onTestEnd'
  | 'onTestBatchBegin'
  | 'onTestBatchEnd'
  | 'onPredictBegin'
  | 'onPredictEnd'
  | 'onPredictBatchBegin'
  | 'onPredictBatchEnd'
>

const hookChecks = optionsOf<Partial<CallbackHooks>>()({
  onTrainBegin: func,
  onTrainEnd: func,
  onEpochBegin: func,
  onEpochEnd: func,
  onTrainBatchBegin: func,
  onTrainBatchEnd: func,
  onTestBegin: func,
  onTestEnd: func,
  onTestBatchBegin: func,
  onTestBatchEnd: func,
  onPredictBegin: func,
  onPredictEnd: func,
  onPredictBatchBegin: func,
  onPredictBatchEnd: func,
})

/** A callback made of functions; see {@link lambdaCallback}. */
@takes(hookChecks)
export class LambdaCallback extends Callback {
  override addsLogs: readonly string[] | undefined = undefined
  constructor(hooks: Partial<CallbackHooks>) {
    super()
    Object.assign(this, hooks)
    if (hooks.onEpochEnd === undefined) this.addsLogs = []
  }
}

/**
 * A callback of single functions, each called at its moment of the training.
 *
 * @example
 * lambdaCallback({ onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss) })
 */
export const lambdaCallback = (hooks: Partial<CallbackHooks>): LambdaCallback => new LambdaCallback(hooks)
