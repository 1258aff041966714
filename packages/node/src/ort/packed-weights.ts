import type { Api, Pointer } from './library.ts'
import { check, outPointer, type Runtime } from './runtime.ts'

/**
 * What the runtime has packed of weights for its products, for several sessions: each packs, and keeps what another has
 * packed to the same bytes. Freed once nothing can use it any more.
 */
export class PackedWeights {
  readonly container: Pointer
  readonly #api: Api
  /** Sessions, and the object that sessions to come share it by. */
  #users = 1

  private constructor(api: Api) {
    this.#api = api
    this.container = outPointer((out) => check(api, 'load', api.createPrepackedWeightsContainer(out)))
  }

  /** Those of all sessions that are loaded with one object. */
  static of({ api }: Runtime, sharing: object): PackedWeights {
    const known = shared.get(sharing)
    if (known !== undefined) return known
    const weights = new PackedWeights(api)
    shared.set(sharing, weights)
    garbageSharing.register(sharing, weights)
    return weights
  }

  /** Keeps it for a session. */
  retain(): void {
    this.#users += 1
  }

  release(): void {
    this.#users -= 1
    if (this.#users === 0) this.#api.releasePrepackedWeightsContainer(this.container)
  }
}

const shared = new WeakMap<object, PackedWeights>()

const garbageSharing = new FinalizationRegistry<PackedWeights>((weights) => weights.release())
