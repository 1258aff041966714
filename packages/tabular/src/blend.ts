import type { Frame } from '@typegrad/data'
import type { FittedCandidate } from './candidates/candidate.ts'
import { blended } from './scores/blend.ts'
import { type Calibration, calibratedAll } from './scores/calibration.ts'

/** A member of the blend: the models of one candidate, one a fold, and its weight. */
export interface Member {
  readonly weight: number
  readonly models: readonly FittedCandidate[]
}

/** The models of all members, each with its own weight. */
export const weighedModels = (
  members: readonly Member[],
): readonly { readonly model: FittedCandidate; readonly weight: number }[] =>
  members.flatMap(({ models, weight }) => models.map((model) => ({ model, weight: weight / models.length })))

/** What members predict of rows together, after calibration. */
export async function predictTogether(
  members: readonly Member[],
  calibration: readonly Calibration[],
  frame: Frame,
): Promise<Float64Array[]> {
  const models = weighedModels(members)
  const predictions: (readonly Float64Array[])[] = []
  for (const { model } of models) predictions.push(await model.predict(frame))
  const mean = blended(
    predictions,
    models.map(({ weight }) => weight),
  )
  return calibratedAll(mean, calibration)
}
