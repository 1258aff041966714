import { ArgumentError } from '../base/errors.ts'
import { lookup } from '../base/registry.ts'
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

/** What a layer's `activation` option takes. */
export type ActivationIdentifier = ActivationName | Activation

const names = new Map<Activation, string>(Object.entries(table).map(([name, fn]) => [fn, name]))

/**
 * The function that a name stands for; a function stands for itself, nothing for {@link linear}.
 *
 * @throws UnknownNameError with the nearest known name.
 * @example
 * getActivation('relu')
 * getActivation('leaky_relu')
 * getActivation((x) => x.relu().square())
 */
export function getActivation(identifier: ActivationIdentifier | undefined): Activation {
  if (identifier === undefined) return linear
  return typeof identifier === 'function'
    ? identifier
    : lookup<Activation>('activation', identifier, table, aliases)
}

/**
 * The name by which a configuration remembers an activation.
 *
 * @throws ArgumentError for a function that has none.
 */
export function activationName(activation: Activation): string {
  const name = names.get(activation)
  if (name === undefined) {
    throw new ArgumentError({
      where: 'activation',
      expected: "one of the library's, which can be saved by name",
      received: `a function of its own${activation.name === '' ? '' : ` (${activation.name})`}`,
      fix: 'Put it into a layer of its own: extend Layer.',
    })
  }
  return name
}
