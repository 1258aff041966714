import type { Layer } from 'typegrad/layers'
import { readArray, readNumber, readPart, type Saved } from '../../saving/saved.ts'
import type { ForecastTask, Past } from '../task.ts'
import { SeriesFeatures } from './features.ts'
import { giveWeights } from './saved-weights.ts'
import { trainingWindows } from './train-network.ts'
import { WindowCutter } from './windows-of-series.ts'

/** How series become what a network reads. */
export interface Reading {
  readonly features: SeriesFeatures
  readonly cutter: WindowCutter
}

/** The length of a window: two horizons, or two seasons if they are not too long; no longer than series are. */
export function windowLength({ horizon, season }: ForecastTask, pasts: readonly Past[]): number {
  const longest = pasts.reduce((most, { end }) => Math.max(most, end), 0)
  return Math.max(4, Math.min(Math.max(2 * horizon, season > 1 ? Math.min(2 * season, 96) : 0), longest - 1))
}

/** The windows that a network learns from, and how they are read; undefined where they are too few. */
export function learnedWindows(
  task: ForecastTask,
  pasts: readonly Past[],
): (Reading & { readonly windows: readonly Past[] }) | undefined {
  const windows = trainingWindows(pasts, task.horizon)
  if (windows === undefined) return undefined
  const features = SeriesFeatures.of(
    task,
    pasts.map(({ series }) => series),
  )
  return { windows, features, cutter: new WindowCutter(task, features, windowLength(task, pasts)) }
}

/** What is kept of a network. */
export const savedNetwork = ({ features, cutter }: Reading, weights: Float32Array): Saved => ({
  length: cutter.length,
  features: features.toSaved(),
  weights,
})

/** How a network that was kept reads series. @throws FormatError for something else. */
export function readReading(task: ForecastTask, saved: unknown): Reading {
  const features = SeriesFeatures.fromSaved(task, readPart(saved, 'features'))
  return { features, cutter: new WindowCutter(task, features, readNumber(saved, 'length')) }
}

/** Gives a layer that is built the weights that were kept, which it returns. @throws FormatError for something else. */
export function readWeights(layer: Layer<never>, saved: unknown): Float32Array {
  const weights = readArray(saved, 'weights', Float32Array)
  giveWeights(layer, weights)
  return weights
}
