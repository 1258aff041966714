import {
  type Activation as ActivationFunction,
  type ActivationIdentifier,
  type ActivationLayer,
  activationConfig,
  getActivation,
} from '../../activations/index.ts'
import { anything, needed, optionsOf } from '../../base/options.ts'
import { isSerialized, type SerializedObject } from '../../base/serialization.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface ActivationOptions extends LayerOptions {
  /** A name (`'relu'`), a function of a tensor, or a layer without weights. */
  readonly activation: ActivationIdentifier
}

export const activationChecks = optionsOf<ActivationOptions>()({
  activation: needed(anything),
  ...layerChecks,
})

/** A function applied to every element; see {@link activation}. */
@takes(activationChecks)
export class Activation extends Layer {
  readonly className = 'Activation'
  readonly activation: ActivationFunction

  constructor({ activation, ...options }: ActivationOptions) {
    super(options)
    this.activation = getActivation(activation)
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    return this.activation(x)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), activation: activationConfig(this.activation) }
  }
}

/**
 * Applies an activation function. The shape stays.
 *
 * @throws UnknownNameError for an unknown name, with the nearest known one.
 * @example
 * layers.activation('relu')
 * layers.activation({ activation: 'leakyRelu', name: 'hinge' })
 */
export const activation = (options: ActivationOptions | ActivationIdentifier): Activation =>
  new Activation(typeof options === 'object' && !isIdentifier(options) ? options : { activation: options })

const isIdentifier = (value: object): value is ActivationLayer | SerializedObject =>
  value instanceof Layer || isSerialized(value)
