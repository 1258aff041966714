import { checked, func, optionsOf } from '../base/options.ts'
import { serialize, withSharedIds } from '../base/serialization.ts'
import { deserializeLayer } from '../layers/base/deserialize.ts'
import type { Layer } from '../layers/base/layer.ts'
import { sharedLayers, withSharedLayers } from '../layers/base/sharing.ts'
import { InputLayer } from '../layers/core/input.ts'
import { Operation } from '../layers/operations/operation.ts'
import { Functional } from './functional.ts'
import { functionalOptions } from './functional-config.ts'
import type { AnyModel, Model, Prediction } from './model.ts'
import { Sequential } from './sequential.ts'
import { restoreWeightState, weightStateOf } from './weight-state.ts'

export interface CloneOptions {
  /**
   * Makes the layer that stands in the place of one of the model's (not of its inputs): the layer itself, to share
   * it, or another. Default: a new one of the same configuration.
   */
  readonly cloneFunction?: (layer: Layer) => Layer
}

const cloneChecks = optionsOf<CloneOptions>()({ cloneFunction: func })

/**
 * A model of the same layers with weights of its own, which are initialized anew; not compiled.
 *
 * @throws UnknownNameError for a layer of one's own that is not registered, or a model that is a class.
 * @example
 * const twin = cloneModel(model)
 * twin.setWeights(model.getWeights())
 *
 * const lighter = cloneModel(model, {
 *   cloneFunction: (layer) =>
 *     layer instanceof layers.Dropout ? layers.dropout({ rate: 0.1, name: layer.name }) : cloneLayer(layer),
 * })
 */
export function cloneModel<P extends Prediction>(model: Model<P>, options: CloneOptions = {}): Model<P> {
  const { cloneFunction = cloneLayer } = checked('cloneModel', options, cloneChecks)
  const shared = sharedLayers(model as unknown as Layer)
  const clone = withSharedIds(shared, () => withSharedLayers(() => cloned(model as AnyModel, cloneFunction)))
  if (model.builtFor !== undefined) clone.ensureBuilt(model.builtFor)
  // Where layers become others, their weights are others too.
  const weightState = options.cloneFunction === undefined ? weightStateOf(model as AnyModel) : undefined
  if (weightState !== undefined) restoreWeightState('cloneModel', clone, weightState)
  return clone as Model<P>
}

/** A layer of the same configuration, without weights yet. */
export const cloneLayer = (layer: Layer): Layer => deserializeLayer(serialize(layer))

function cloned(model: AnyModel, make: (layer: Layer) => Layer): AnyModel {
  const clone = copied(model, make)
  // Its layers have been asked one by one.
  if (!model.trainable) clone.restoreTrainable(false)
  return clone
}

function copied(model: AnyModel, make: (layer: Layer) => Layer): AnyModel {
  const { name } = model
  if (model instanceof Sequential) return new Sequential(model.layers.map(make), { name })
  // What has a graph of its own says so by another configuration.
  const isGraph = model instanceof Functional && 'inputLayers' in model.getConfig()
  if (!isGraph) return cloneLayer(model as unknown as Layer) as unknown as AnyModel
  const layers = new Map(model.operations.map((layer) => [layer.name, layer]))
  return new Functional(
    functionalOptions(model.getConfig(), (saved) => {
      const layer = layers.get(saved.name) as Layer
      return isOwn(layer) ? cloneLayer(layer) : make(layer)
    }),
  )
}

/** What the graph is made of beside the layers, which a function of the user's does not see. */
const isOwn = (layer: unknown): boolean => layer instanceof InputLayer || layer instanceof Operation
