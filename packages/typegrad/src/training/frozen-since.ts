import type { AnyLayer } from '../layers/base/layer.ts'
import { trainableChanges } from '../layers/base/trainable-changes.ts'
import type { Variable } from '../tensor/variable.ts'

/**
 * Warns of layers that were frozen or freed after `compile`. Optimizer and steps are made for the weights that are
 * trained with the first step; later changes take effect with the next `compile`, as in Keras.
 */
export class FrozenSince {
  readonly #model: AnyLayer
  #flags: Flags
  #looked = trainableChanges()

  /** @param model as it is compiled. */
  constructor(model: AnyLayer) {
    this.#model = model
    this.#flags = flagsOf(model)
  }

  /**
   * Warns once of each change.
   *
   * @param hasSteps whether the weights that are trained are settled.
   */
  warn(where: string, hasSteps: boolean): void {
    if (this.#looked === trainableChanges()) return
    this.#looked = trainableChanges()
    const flags = flagsOf(this.#model)
    const hasChanged = (layer: AnyLayer): boolean =>
      (this.#flags.layers.get(layer) ?? flags.layers.get(layer)) !== flags.layers.get(layer)
    const layers = [...flags.layers.keys()].filter(hasChanged)
    // Weights that were frozen one by one; those of a layer that has changed are said with it.
    const weights = [...flags.weights].filter(
      ([weight, { layer, flag }]) =>
        !hasChanged(layer) && (this.#flags.weights.get(weight)?.flag ?? flag) !== flag,
    )
    const changed = [...layers, ...weights.map(([weight]) => weight)]
    this.#flags = flags
    if (changed.length === 0) return
    const names = changed.slice(0, 5).map(({ name }) => `'${name}'`)
    console.warn(
      `typegrad: ${where}: trainable of ${names.join(', ')}${changed.length > 5 ? ', …' : ''} has changed since ` +
        `compile(). ${hasSteps ? 'The training goes on as before' : 'The first step goes by what it is now'}. ` +
        'Call model.compile(…) after the change.',
    )
  }
}

interface Flags {
  readonly layers: ReadonlyMap<AnyLayer, boolean>
  readonly weights: ReadonlyMap<Variable, { readonly layer: AnyLayer; readonly flag: boolean }>
}

/** Layers and their weights with whether each is trained, those within others too. */
function flagsOf(model: AnyLayer): Flags {
  const layers = new Map<AnyLayer, boolean>()
  const weights = new Map<Variable, { readonly layer: AnyLayer; readonly flag: boolean }>()
  const visit = (layer: AnyLayer): void => {
    if (layers.has(layer)) return
    layers.set(layer, layer.trainable)
    for (const weight of layer.ownWeights) weights.set(weight, { layer, flag: weight.trainable })
    for (const inner of layer.sublayers) visit(inner)
  }
  visit(model)
  return { layers, weights }
}
