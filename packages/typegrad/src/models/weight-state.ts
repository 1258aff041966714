import { FormatError } from '../base/errors.ts'
import { type SerializedObject, serialize } from '../base/serialization.ts'
import { adapt, adaptersOf } from '../layers/adapters/adapt.ts'
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
  for (const { path, adapter } of adapters) {
    checkPath(where, root, path)
    adapt(root, (at) => at === path, getAdapter(adapter))
  }
  // Adapting lets layers be trained; what the configuration says of them is newer.
  for (const layer of untrained) layer.restoreTrainable(false)
  for (const path of frozen) checkPath(where, root, path)
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

function checkPath(where: string, root: Layer, path: string): void {
  if (root.weightPaths.has(path)) return
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
