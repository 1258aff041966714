import { type Enter, type Work, within } from '../base/work.ts'
import type { AnyModel } from '../models/model.ts'
import { withGenerator } from '../random/generator.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { compileWork } from '../transforms/compile.ts'
import { BatchBuckets } from './batch-buckets.ts'
import { asList } from './step-batch.ts'

type Predictor = (x: readonly Tensor[]) => Promise<readonly Tensor[]>

const predictors = new WeakMap<AnyModel, { readonly layers: number; readonly predictor: Predictor }>()

/** A model's `predictStep` as one compiled function, kept for as long as the model gets no more layers. */
export function predictorOf(model: AnyModel): Predictor {
  const known = predictors.get(model)
  const layers = model.layers.length
  if (known?.layers === layers) return known.predictor
  function* step(x: readonly Tensor[]): Work<readonly Tensor[]> {
    const inputs = x.length === 1 ? (x[0] as Tensor) : x
    const enter: Enter = (portion) => withGenerator(model.seedGenerator, portion)
    return asList(yield* within(enter, model.predictWork(inputs)))
  }
  const run = compileWork(step, { packsWeights: true, engine: () => model.engine })
  const buckets = new BatchBuckets(step, run)
  const predictor: Predictor = (x) => buckets.predict(x)
  predictors.set(model, { layers, predictor })
  return predictor
}

/** The outputs of a model for tensors, as a list, without training. */
export function forward(model: AnyModel, x: readonly Tensor[]): readonly Tensor[] {
  const inputs = x.length === 1 ? (x[0] as Tensor) : x
  return asList(withGenerator(model.seedGenerator, () => model.apply(inputs, { training: false })))
}
