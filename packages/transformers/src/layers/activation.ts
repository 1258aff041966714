import { activations, type Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'

export type ActivationFunction = (x: Tensor) => Tensor

const geluByTanh: ActivationFunction = (x) => activations.gelu(x, { approximate: true })

/** Hugging Face's names of activations (`hidden_act`). */
const table: Readonly<Record<string, ActivationFunction>> = {
  gelu: (x) => activations.gelu(x),
  gelu_new: geluByTanh,
  gelu_fast: geluByTanh,
  gelu_pytorch_tanh: geluByTanh,
  quick_gelu: (x) => x.mul(x.mul(1.702).sigmoid()),
  relu: (x) => activations.relu(x),
  relu2: (x) => activations.relu(x).square(),
  silu: (x) => activations.silu(x),
  swish: (x) => activations.silu(x),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  linear: (x) => x,
}

/**
 * An activation by Hugging Face's name.
 *
 * @param where what errors call the place that it stands in, such as `config.json: hidden_act`.
 * @throws ArgumentError for a name that is none.
 */
export function activationOf(name: string, where = 'activation'): ActivationFunction {
  const found = table[name]
  if (found !== undefined) return found
  throw new ArgumentError({
    where,
    expected: `one of ${Object.keys(table).join(', ')}`,
    received: `'${name}'`,
  })
}
