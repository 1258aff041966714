import { evaluateAll, full, ops, scalar, type Tensor } from 'typegrad'
import type { Cache, KeysAndValues } from '../layers/network.ts'

/** What stands in places that nothing was written to: if anything read it, results would show it. */
const garbage = 1000

/** The simplest cache: puts keys behind keys, and keeps what attends to an encoder. For tests. */
export class TinyCache implements Cache {
  readonly #own = new Map<number, KeysAndValues>()
  readonly #across = new Map<number, KeysAndValues>()
  readonly #places: number
  #filled = 0

  /** @param places how many it shows, filled or not. Default: those that are filled. */
  constructor(places = 0) {
    this.#places = places
  }

  get offset(): Tensor {
    return scalar(this.#filled, 'int32')
  }

  extend(block: number, keys: Tensor, values: Tensor): KeysAndValues {
    const before = this.#own.get(block)
    const all = {
      keys: before === undefined ? keys : ops.concat([before.keys, keys], 1),
      values: before === undefined ? values : ops.concat([before.values, values], 1),
    }
    this.#own.set(block, all)
    return { keys: this.#shown(all.keys), values: this.#shown(all.values) }
  }

  cross(block: number, make: () => KeysAndValues): KeysAndValues {
    const kept = this.#across.get(block) ?? make()
    this.#across.set(block, kept)
    return kept
  }

  /** To be called after each piece, of how many tokens it was. */
  async advance(tokens: number): Promise<void> {
    this.#filled += tokens
    const kept = [...this.#own.values(), ...this.#across.values()]
    await evaluateAll(kept.flatMap(({ keys, values }) => [keys, values]))
  }

  #shown(x: Tensor): Tensor {
    const [batch, filled, heads, dim] = x.shape as readonly [number, number, number, number]
    const empty = this.#places - filled
    return empty <= 0 ? x : ops.concat([x, full([batch, empty, heads, dim], garbage)], 1)
  }
}
