import { FormatError } from '../base/errors.ts'
import { type SerializedObject, serialize } from '../base/serialization.ts'
import { adaptEach, adaptersOf } from '../layers/adapters/adapt.ts'
import type { AnyAdapter } from '../layers/adapters/adapter.ts'
import { getAdapter } from '../layers/adapters/get.ts'
import type { Layer } from '../layers/base/layer.ts'
import { weightPlaces } from '../layers/base/weight-paths.ts'
import type { AnyModel } from '../models/model.ts'

/** What was done to single weights of a model, which no layer's configuration tells. */
export interface WeightState {
  /** Paths of weights that were frozen one by one, in layers that are trained. */
  readonly frozen?: readonly string[]
  /** Adapters by the paths of their weights, in the order in which they came. */
  readonly adapters?: readonly { readonly path: string; readonly adapter: SerializedObject }[]
}

/** The state of the weights; undefined where all are as their layers say. */
export function weightStateOf(model: AnyModel): WeightState | undefined {
  const root = model as unknown as Layer
  const adapted = adaptersOf(root)
  const adapters = adapted.map(({ path, adapter }) => ({ path, adapter: serialize(adapter) }))
  // A base that is never trained says nothing of what its weight will be without adapters.
  const read = new Map(adapted.map(({ path, weight }) => [path, weight]))
  const frozen = weightPlaces(root).flatMap(({ path, weight, layers }) => {
    const owner = layers.at(-1) as Layer
    const isHeld = owner.freezableWeights.includes(weight)
    const isFrozen = isHeld ? !weight.trainable : read.get(path)?.trainable === false
    return owner.trainable && isFrozen ? [path] : []
  })
  if (adapters.length === 0 && frozen.length === 0) return undefined
  return { ...(frozen.length > 0 ? { frozen } : {}), ...(adapters.length > 0 ? { adapters } : {}) }
}

/** Does to a new model's weights what was done to those of the saved one. @throws FormatError for weights that it has not. */
export function restoreWeightState(
  where: string,
  model: AnyModel,
  { frozen = [], adapters = [] }: WeightState,
): void {
  const root = model as unknown as Layer
  // The weights as they were when they were adapted, and what adapters have added.
  model.freeze((path) => frozen.includes(path))
  const untrained = layersIn(root).filter(({ trainable }) => !trainable)
  checkPaths(
    where,
    root,
    adapters.map(({ path }) => path),
  )
  for (const round of rounds(adapters)) adaptEach(root, round)
  // Adapting lets layers be trained; what the configuration says of them is newer.
  for (const layer of untrained) layer.restoreTrainable(false)
  checkPaths(where, root, frozen)
  model.freeze((path) => frozen.includes(path))
}

/** All layers within, each once. */
function layersIn(root: Layer): readonly Layer[] {
  const found = new Set<Layer>()
  const visit = (layer: Layer): void => {
    if (found.has(layer)) return
    found.add(layer)
    for (const inner of layer.sublayers) visit(inner)
  }
  visit(root)
  return [...found]
}

/** The first adapter of each weight, then the second of those that have two, and so on: each builds on those before. */
function rounds(adapters: NonNullable<WeightState['adapters']>): readonly ReadonlyMap<string, AnyAdapter>[] {
  const made: Map<string, AnyAdapter>[] = []
  for (const { path, adapter } of adapters) {
    const free = made.find((round) => !round.has(path)) ?? new Map<string, AnyAdapter>()
    if (free.size === 0) made.push(free)
    free.set(path, getAdapter(adapter))
  }
  return made
}

/** @throws FormatError for the first path that the model has not. */
function checkPaths(where: string, root: Layer, paths: readonly string[]): void {
  if (paths.length === 0) return
  const known = root.weightPaths
  const path = paths.find((one) => !known.has(one))
  if (path === undefined) return
  throw new FormatError({
    where,
    expected: 'paths of the weights of this model',
    received: `'${path}'`,
    fix: 'The file is damaged, or classes of the model have changed since it was saved.',
  })
}

/** @throws FormatError for a model with adapters, which Keras's formats have no words for. */
export function checkWithoutAdapters(model: AnyModel): void {
  const [adapted] = adaptersOf(model as unknown as Layer)
  if (adapted === undefined) return
  throw new FormatError({
    where: 'save',
    expected: "a model without adapters, which Keras's formats do not know",
    received: `'${adapted.path}', which ${adapted.adapter.className} computes`,
    fix: 'Merge them first: mergeAdapters(model). Or save the model into a folder, which keeps them.',
  })
}
