import type { AnyLayer } from '../layers/base/layer.ts'
import { trainableChanges } from '../layers/base/trainable-changes.ts'

/**
 * Warns of layers that were frozen or freed after `compile`. Optimizer and steps are made for the weights that are
 * trained with the first step; later changes take effect with the next `compile`, as in Keras.
 */
export class FrozenSince {
  readonly #model: AnyLayer
  #flags: ReadonlyMap<AnyLayer, boolean>
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
    const changed = [...flags].filter(([layer, flag]) => (this.#flags.get(layer) ?? flag) !== flag)
    this.#flags = flags
    if (changed.length === 0) return
    const names = changed.slice(0, 5).map(([{ name }]) => `'${name}'`)
    console.warn(
      `typegrad: ${where}: trainable of ${names.join(', ')}${changed.length > 5 ? ', …' : ''} has changed since ` +
        `compile(). ${hasSteps ? 'The training goes on as before' : 'The first step goes by what it is now'}. ` +
        'Call model.compile(…) after the change.',
    )
  }
}

/** Layers with whether each is trained, those within others too. */
function flagsOf(model: AnyLayer): Map<AnyLayer, boolean> {
  const flags = new Map<AnyLayer, boolean>()
  const visit = (layer: AnyLayer): void => {
    if (flags.has(layer)) return
    flags.set(layer, layer.trainable)
    for (const inner of layer.sublayers) visit(inner)
  }
  visit(model)
  return flags
}
