import { type Tensor, tensor } from 'typegrad'
import { ops } from 'typegrad/core'
import type { Cache, CacheSizes, KeysAndValues } from '../layers/network.ts'

/** Keys or values as files have them: (batch, heads, positions, dim) ↔ (batch, positions, heads, dim). */
const swapped = (x: Tensor): Tensor => x.transpose([0, 2, 1, 3])

const kinds = ['key', 'value'] as const

/** The places of a cache among a file's inputs (`past_key_values`) and outputs (`present`). */
export function cacheNames(
  start: 'past_key_values' | 'present',
  { blocks }: CacheSizes,
  of: '' | '.decoder' | '.encoder' = '',
): readonly string[] {
  return Array.from({ length: blocks }, (_, i) => kinds.map((kind) => `${start}.${i}${of}.${kind}`)).flat()
}

/** A cache that a call is given and gives back, longer by what is new: nothing of it stays in the model. */
export class GivenCache implements Cache {
  readonly offset: Tensor
  readonly #past: readonly Tensor[]
  readonly #pastAcross: readonly Tensor[]
  readonly #present: Tensor[] = []
  readonly #presentAcross: Tensor[] = []

  /**
   * @param past keys and values of each block in turn: (batch, heads, past, dim).
   * @param pastAcross the same over what an encoder made, as far as that was met before: (batch, heads, positions, dim).
   */
  constructor(past: readonly Tensor[], pastAcross: readonly Tensor[] = []) {
    this.#past = past
    this.#pastAcross = pastAcross
    this.offset = tensor(past[0]?.shape[2] ?? 0, { dtype: 'int32' })
  }

  /** What the past has become, in the same order. */
  get present(): readonly Tensor[] {
    return this.#present
  }

  get presentAcross(): readonly Tensor[] {
    return this.#presentAcross
  }

  extend(block: number, keys: Tensor, values: Tensor): KeysAndValues {
    return extended(block, { keys, values }, this.#past, this.#present)
  }

  /** @param make of the encoder's positions that are new. */
  cross(block: number, make: () => KeysAndValues): KeysAndValues {
    return extended(block, make(), this.#pastAcross, this.#presentAcross)
  }
}

function extended(
  block: number,
  { keys, values }: KeysAndValues,
  past: readonly Tensor[],
  present: Tensor[],
): KeysAndValues {
  const [k, v] = [keys, values].map((added, i) => {
    const whole = ops.concat([past[2 * block + i] as Tensor, swapped(added)], 2)
    present[2 * block + i] = whole
    return swapped(whole)
  }) as [Tensor, Tensor]
  return { keys: k, values: v }
}
