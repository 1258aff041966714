import type { FittedRecipe, Frame } from '@typegrad/data'
import type { FittedCandidate } from './candidates/candidate.ts'
import { blended } from './scores/blend.ts'
import { type Calibration, calibratedAll } from './scores/calibration.ts'
import type { Predictions } from './scores/metrics.ts'

/** A member of the blend: the models of one candidate, one or one a fold, and its weight. */
export interface Member {
  readonly weight: number
  readonly models: readonly FittedCandidate[]
}

export interface WeighedModel {
  readonly model: FittedCandidate
  readonly weight: number
}

/** Models that predict together. */
export class Blend {
  readonly members: readonly Member[]
  /** The models of all members, each with its own weight: those that one recipe prepares rows for, together. */
  readonly models: readonly WeighedModel[]
  readonly #prepared: readonly (readonly WeighedModel[])[]

  constructor(members: readonly Member[]) {
    this.members = members
    const groups = new Map<string, WeighedModel[]>()
    for (const { models, weight } of members)
      for (const model of models) {
        // Trees of all sizes that were fitted to the same rows have learned the same features.
        const key = model.recipe === undefined ? '' : JSON.stringify(model.recipe)
        const group = groups.get(key) ?? []
        group.push({ model, weight: weight / models.length })
        groups.set(key, group)
      }
    this.#prepared = [...groups.values()]
    this.models = this.#prepared.flat()
  }

  /** What the models predict of rows, after calibration. */
  async predict(frame: Frame, calibration: readonly Calibration[]): Promise<Float64Array[]> {
    const predictions: Predictions[] = []
    for (const group of this.#prepared) {
      const features = await featuresOf(group[0]?.model.recipe, frame)
      for (const { model } of group) predictions.push(await model.predictFeatures(features))
    }
    const mean = blended(
      predictions,
      this.models.map(({ weight }) => weight),
    )
    return calibratedAll(mean, calibration)
  }
}

const featuresOf = async (recipe: FittedRecipe | undefined, frame: Frame): Promise<Frame> =>
  recipe === undefined ? frame : recipe.transform(frame)

/** What a model predicts of rows as the table has them. */
export const predictRows = async (model: FittedCandidate, frame: Frame): Promise<Predictions> =>
  model.predictFeatures(await featuresOf(model.recipe, frame))
