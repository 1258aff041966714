import { ops, scalar, type Tensor } from 'typegrad'
import type { Cache, KeysAndValues } from '../layers/network.ts'

/** The smallest cache there can be, for tests: what came is joined with what comes. One call is one step. */
export class JoinedCache {
  #steps: readonly KeysAndValues[] = []
  readonly #cross = new Map<number, KeysAndValues>()

  /** For a call with the tokens behind those of the calls before. */
  next(): Cache {
    const earlier = this.#steps
    const joined: KeysAndValues[] = []
    this.#steps = joined
    return {
      offset: scalar(earlier[0]?.keys.shape[1] ?? 0, 'int32'),
      extend: (block, keys, values) => {
        const before = earlier[block]
        const join = (a: Tensor | undefined, b: Tensor) => (a === undefined ? b : ops.concat([a, b], 1))
        joined[block] = { keys: join(before?.keys, keys), values: join(before?.values, values) }
        return joined[block]
      },
      cross: (block, make) => {
        const kept = this.#cross.get(block) ?? make()
        this.#cross.set(block, kept)
        return kept
      },
    }
  }
}
