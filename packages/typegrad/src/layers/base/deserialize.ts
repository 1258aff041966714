import { makeActivationLayersBy } from '../../activations/get.ts'
import { ArgumentError, UnknownNameError } from '../../base/errors.ts'
import { nearestName } from '../../base/nearest-name.ts'
import { findRegistered, keepRegistered, registeredNames } from '../../base/registered.ts'
import { isSerialized, type SerializedObject } from '../../base/serialization.ts'
import { layerClasses } from '../classes.ts'
import { isOperation, operationOf } from '../operations/operation.ts'
import type { AnyLayer, Layer } from './layer.ts'
import { nestLayersBy } from './nested.ts'
import { sharedLayer } from './sharing.ts'

/** Makes a layer from what its `getConfig` gave. */
export type LayerMaker = (config: Record<string, unknown>) => AnyLayer

/** Whether a class is one of the library's layers, rather than one that was registered. */
export const isLibraryLayer = (className: string): boolean => layerClasses.has(className)

/**
 * Lets saved models contain a layer of one's own, by its class name alone. What belongs to a package is registered with
 * the package's name: `register('layer', Scale, { package: 'signal' })`.
 *
 * @param className the layer's `className`.
 * @param make makes the layer from what its `getConfig` gave.
 * @throws ArgumentError if the library has a layer of this name.
 * @example
 * registerLayer('Scale', (config) => new Scale(config))
 */
export function registerLayer(className: string, make: LayerMaker): void {
  if (isLibraryLayer(className)) {
    throw new ArgumentError({
      where: 'registerLayer',
      expected: 'a class name that the library does not have',
      received: `'${className}'`,
      fix: "Give the class a className of its own, such as 'MyDense'.",
    })
  }
  keepRegistered('layer', { name: className, of: make, make })
}

/**
 * The layer that a saved configuration describes, without weights.
 *
 * @throws UnknownNameError for a class that is neither the library's nor registered, with the nearest known
 * name; what the class throws for options that are none.
 * @example
 * deserializeLayer({ className: 'Dense', config: { units: 64 } })
 */
export function deserializeLayer(saved: SerializedObject): Layer {
  if (!isSerialized(saved) || saved.config === null) {
    throw new ArgumentError({
      where: 'deserializeLayer',
      expected: 'an object { className, config }',
      received: JSON.stringify(saved) ?? String(saved),
    })
  }
  const { className, config } = saved
  if (isOperation(saved)) return operationOf(saved) as unknown as Layer
  const make = makerOf(saved)
  if (make === undefined) {
    const near = nearestName(className, [...layerClasses.keys(), ...registeredNames('layer')])
    throw new UnknownNameError({
      where: 'layer',
      expected: "a class of the library's layers, or one that was registered",
      received: `'${className}'`,
      fix: `${near === undefined ? '' : `Did you mean '${near}'? `}Register a layer of your own: register('layer', ${className}).`,
    })
  }
  return sharedLayer(saved.sharedObjectId, () => {
    // What stands in the layer says for itself whether it is trained: the option of a constructor would freeze it all.
    const { trainable, ...options } = config
    const layer = make(options) as unknown as Layer
    if (trainable === false) layer.restoreTrainable(false)
    return layer
  })
}

/** What makes a layer of the class that a configuration names. @throws UnregisteredError naming a missing package. */
function makerOf(saved: SerializedObject): LayerMaker | undefined {
  const own = findRegistered('layer', saved)?.make
  // What is registered as a layer makes layers: `registerLayer` and `register` are typed by that.
  if (own !== undefined) return own as LayerMaker
  const LayerOf = layerClasses.get(saved.className)
  return LayerOf && ((config) => new LayerOf(config as never))
}

nestLayersBy(deserializeLayer)
makeActivationLayersBy(deserializeLayer)
