import { ArgumentError } from '../../base/errors.ts'
import { anything, needed, optionsOf } from '../../base/options.ts'
import { isSerialized, type SerializedObject, serialize } from '../../base/serialization.ts'
import { Layer, type LayerOptions, layerChecks } from './layer.ts'
import { nestedLayer } from './nested.ts'
import type { SymbolicShape } from './symbolic.ts'

export interface WrapperOptions extends LayerOptions {
  /** The layer that is wrapped, or its configuration. */
  readonly layer: Layer | SerializedObject
}

export const wrapperChecks = optionsOf<WrapperOptions>()({ layer: needed(anything), ...layerChecks })

/**
 * The base of layers around another one: builds it, has its weights and saves it with itself.
 *
 * @throws ArgumentError for what is no layer.
 * @example
 * class Twice extends Wrapper {
 *   readonly className = 'Twice'
 *   call(x: Tensor, context: CallContext) {
 *     return this.layer.apply(this.layer.apply(x, context), context)
 *   }
 * }
 */
export abstract class Wrapper extends Layer {
  readonly layer: Layer

  constructor({ layer, ...options }: WrapperOptions) {
    super(options)
    this.layer = isSerialized(layer) ? nestedLayer(layer) : layer
    if (this.layer instanceof Layer) return
    throw new ArgumentError({
      where: new.target.name,
      expected: 'a layer to wrap, such as layers.dense({ units: 8 })',
      received: String(layer),
    })
  }

  override get inputDType() {
    return this.layer.inputDType
  }

  override build(inputShape: SymbolicShape): void {
    this.layer.ensureBuilt(inputShape)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), layer: serialize(this.layer) }
  }
}
