import { ArgumentError } from '../base/errors.ts'
import { lookup } from '../base/registry.ts'
import { type Configurable, isSerialized, type SerializedObject, serialize } from '../base/serialization.ts'
import {
  elu,
  gelu,
  hardSigmoid,
  hardSilu,
  leakyRelu,
  logSoftmax,
  mish,
  relu6,
  selu,
  silu,
  softmax,
  softplus,
  softsign,
  tanhShrink,
} from '../ops/activations.ts'
import { sigmoid, tanh } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Activation } from './activation.ts'
import { celu } from './celu.ts'
import { exponential } from './exponential.ts'
import { glu } from './glu.ts'
import { hardShrink } from './hard-shrink.ts'
import { hardTanh } from './hard-tanh.ts'
import { legacyHardSigmoid } from './legacy-hard-sigmoid.ts'
import { linear } from './linear.ts'
import { logSigmoid } from './log-sigmoid.ts'
import { relu } from './relu.ts'
import { softShrink } from './soft-shrink.ts'
import { sparsePlus } from './sparse-plus.ts'
import { sparseSigmoid } from './sparse-sigmoid.ts'
import { sparsemax } from './sparsemax.ts'
import { squareplus } from './squareplus.ts'

/** All that a name can stand for, with default options. */
const table = {
  celu,
  elu,
  exponential,
  gelu,
  glu,
  hardShrink,
  hardSigmoid,
  hardSilu,
  hardTanh,
  leakyRelu,
  legacyHardSigmoid,
  linear,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softShrink,
  softmax,
  softplus,
  softsign,
  sparsePlus,
  sparseSigmoid,
  sparsemax,
  squareplus,
  tanh,
  tanhShrink,
} satisfies Record<string, Activation>

const aliases = { swish: 'silu', hardSwish: 'hardSilu' } as const

/** Names of activations. Keras's spelling (`leaky_relu`) is understood too. */
export type ActivationName = keyof typeof table | keyof typeof aliases | (string & {})

/** A layer without weights, such as `layers.leakyReLU({ negativeSlope: 0.3 })`, which is saved with its options. */
export interface ActivationLayer extends Configurable {
  readonly weights: readonly unknown[]
  apply(x: Tensor): Tensor
}

/** What a layer's `activation` option takes. */
export type ActivationIdentifier = ActivationName | Activation | ActivationLayer | SerializedObject

const names = new Map<Activation, string>(Object.entries(table).map(([name, fn]) => [fn, name]))
const ofLayers = new WeakMap<Activation, ActivationLayer>()
let makeLayer: ((saved: SerializedObject) => ActivationLayer) | undefined

/** Called once by the table of layers, which this module cannot import. */
export function makeActivationLayersBy(make: (saved: SerializedObject) => ActivationLayer): void {
  makeLayer = make
}

/**
 * The function that a name or a layer stands for; a function stands for itself, nothing for {@link linear}.
 *
 * @throws UnknownNameError with the nearest known name; ArgumentError for what is none of these.
 * @example
 * getActivation('relu')
 * getActivation('leaky_relu')
 * getActivation((x) => x.relu().square())
 * getActivation(layers.leakyReLU({ negativeSlope: 0.3 }))
 */
export function getActivation(identifier: ActivationIdentifier | null | undefined): Activation {
  if (identifier === undefined || identifier === null) return linear
  if (typeof identifier === 'function') return identifier
  if (typeof identifier === 'string') return lookup<Activation>('activation', identifier, table, aliases)
  if (isSerialized(identifier) && makeLayer !== undefined) return ofLayer(makeLayer(identifier))
  if (typeof (identifier as Partial<ActivationLayer> | null)?.apply === 'function')
    return ofLayer(identifier as ActivationLayer)
  throw new ArgumentError({
    where: 'activation',
    expected: "a name such as 'relu', a function of a tensor, or a layer without weights",
    received: String(identifier),
  })
}

function ofLayer(layer: ActivationLayer): Activation {
  const activation = (x: Tensor): Tensor => {
    const y = layer.apply(x)
    if (layer.weights.length === 0) return y
    throw new ArgumentError({
      where: 'activation',
      expected: 'a layer without weights',
      received: `${layer.className}, which has ${layer.weights.length}`,
      fix: 'Put it behind the layer as a layer of its own.',
    })
  }
  ofLayers.set(activation, layer)
  return activation
}

/**
 * What a configuration remembers of an activation: its name, or the configuration of a layer.
 *
 * @throws ArgumentError for a function that is neither.
 */
export function activationConfig(activation: Activation): string | SerializedObject {
  const name = names.get(activation)
  if (name !== undefined) return name
  const layer = ofLayers.get(activation)
  if (layer !== undefined) return serialize(layer)
  throw new ArgumentError({
    where: 'activation',
    expected: "one of the library's, which can be saved by name",
    received: `a function of its own${activation.name === '' ? '' : ` (${activation.name})`}`,
    fix: 'Put it into a layer of its own: extend Layer.',
  })
}
