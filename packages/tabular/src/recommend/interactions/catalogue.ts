/**
 * `recommend/interactions/`: who took what, as numbers: tables that are read, users and items in an order, what of it is learned from and what is
 * held back. It knows frames, and nothing of models.
 */
import type { Category } from '@typegrad/data'

/** Users or items in an order: each has a place, from 0. */
export class Catalogue {
  readonly ids: readonly Category[]
  readonly #places: ReadonlyMap<Category, number>

  constructor(ids: readonly Category[]) {
    this.ids = ids
    this.#places = new Map(ids.map((id, place) => [id, place]))
  }

  get length(): number {
    return this.ids.length
  }

  /** The place of a user or an item; -1 for one that was never seen. */
  placeOf(id: Category): number {
    return this.#places.get(id) ?? -1
  }

  /** The places of several. */
  placesOf(ids: readonly Category[]): Int32Array {
    return Int32Array.from(ids, (id) => this.placeOf(id))
  }
}
