import type { Engine } from '../engine/engine.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Feed } from '../transforms/feed.ts'
import { checkExchanged, type GradientContext, type GradientExchange } from './gradient-hooks.ts'

/** The program that updates the weights by gradients of the loss, which are its arguments. */
type Update = (grads: readonly Tensor[]) => Promise<void>

/**
 * The second half of a step whose gradients leave the model: their exchange, and the update by what came of it. The
 * memory that the update reads stays from step to step.
 */
export class ExchangedUpdate {
  readonly #exchange: GradientExchange
  readonly #update: Update
  readonly #engine: () => Engine | undefined
  #feeds: { readonly engine: Engine | undefined; readonly list: readonly Feed[] } | undefined

  constructor(exchange: GradientExchange, update: Update, engine: () => Engine | undefined) {
    this.#exchange = exchange
    this.#update = update
    this.#engine = engine
  }

  /** @param grads of the loss itself: float32, one for each of the context's variables. */
  async run(grads: readonly Tensor[], context: GradientContext): Promise<void> {
    const { variables } = context
    // float32, as the step has cast them.
    const own = await Promise.all(grads.map(async (g) => (await g.data()) as Float32Array))
    const exchanged = await this.#exchange(own, context)
    checkExchanged(exchanged, variables)
    const feeds = await this.#feedsFor(grads)
    for (const [i, feed] of feeds.entries()) {
      ;(feed.host as Float32Array).set(exchanged[i] as Float32Array)
      await feed.flush()
    }
    await this.#update(feeds.map(({ tensor }) => tensor))
  }

  async #feedsFor(grads: readonly Tensor[]): Promise<readonly Feed[]> {
    const engine = this.#engine()
    if (this.#feeds !== undefined && this.#feeds.engine === engine) return this.#feeds.list
    const list = await Promise.all(grads.map(({ shape }) => Feed.create('float32', shape, engine)))
    this.#feeds = { engine, list }
    return list
  }
}
