import type { Work } from '../base/work.ts'
import type { Outputs } from '../layers/base/symbolic.ts'
import type { AnyModel } from '../models/model.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { valueAndGradWork } from '../transforms/grad.ts'
import type { StepBatch, StepLogs } from './step-batch.ts'
import { stepFunctionsOf } from './step-functions.ts'

/** What `trainStep` does: forward, loss, backward, what `compile` has in between, update, metrics. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
export function* trainWork(model: AnyModel, batch: StepBatch): Work<StepLogs | void> {
  const { optimizer } = model
  const functions = stepFunctionsOf(model, 'trainStep')
  const { targets: y, sampleWeights: sampleWeight } = batch
  let yPred: Outputs = []
  let loss: Tensor | undefined
  function* forward(): Work<Tensor> {
    yPred = yield* model.applyWork(inputsOf(batch), { training: true })
    loss = model.computeLoss({ y, yPred, sampleWeight })
    // What the optimizer's gradients are of; the logs keep to the loss itself.
    return optimizer.scaleLoss(loss)
  }
  const { value, grads } = yield* valueAndGradWork(forward, functions.weights)
  yield* functions.learnWork(batch, grads)
  functions.trackLoss(loss ?? value, batch.size)
  return model.computeMetrics({ y, yPred, sampleWeight })
}

/** What `testStep` does: forward, loss, metrics. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is written as one
export function* testWork(model: AnyModel, batch: StepBatch): Work<StepLogs | void> {
  const { targets: y, sampleWeights: sampleWeight } = batch
  const yPred = yield* model.applyWork(inputsOf(batch), { training: false })
  stepFunctionsOf(model, 'testStep').trackLoss(model.computeLoss({ y, yPred, sampleWeight }), batch.size)
  return model.computeMetrics({ y, yPred, sampleWeight })
}

const inputsOf = ({ inputs }: StepBatch): Outputs => (inputs.length === 1 ? (inputs[0] as Tensor) : inputs)
