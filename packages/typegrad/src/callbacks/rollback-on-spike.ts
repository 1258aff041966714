import { StateError } from '../base/errors.ts'
import { count, number, optionsOf, wholeFrom } from '../base/options.ts'
import { checked, list, object, real, whole } from '../base/schema.ts'
import { takes } from '../base/takes.ts'
import type { Optimizer } from '../optimizers/index.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Callback, type Logs } from './callback.ts'

export interface RollbackOnSpikeOptions {
  /** After how many batches the loss of these is looked at, and the state kept where it is good. Default 20. */
  readonly every?: number
  /** How many times the usual loss (the median of the last looks) a spike is. Default 1.5. */
  readonly factor?: number
  /** How many looks the usual loss is taken from; nothing but NaN and infinity is a spike before there are three. Default 10. */
  readonly looks?: number
  /** How often a training is rolled back at most; the next spike ends it with an error. Default 3. */
  readonly limit?: number
}

export const rollbackOnSpikeChecks = optionsOf<RollbackOnSpikeOptions>()({
  every: count,
  factor: number,
  looks: count,
  limit: wholeFrom(0),
})

/** A spike that was rolled back. Epochs and batches are counted from 0. */
export interface Rollback {
  readonly epoch: number
  /** The batch after which the spike was seen. */
  readonly batch: number
  /** Mean loss of the batches since the last look. */
  readonly loss: number
  /** Number of batches, among them the ones that made the spike, whose effect was undone. */
  readonly undone: number
}

/** The last good state: what weights and optimizer were, and what losses and metrics had gathered. */
interface GoodState {
  readonly values: ReadonlyMap<Variable, Tensor>
  readonly gathered: Readonly<Record<string, Tensor>>
  readonly seen: number
  readonly total: number
}

/** Goes back where the loss leaps; see {@link rollbackOnSpike}. */
@takes(rollbackOnSpikeChecks)
export class RollbackOnSpike extends Callback {
  override readonly addsLogs = []
  readonly #every: number
  readonly #factor: number
  readonly #looks: number
  readonly #limit: number
  #rollbacks: readonly Rollback[] = []
  #good: GoodState | undefined
  #epoch = 0
  /** Batches of this epoch that its means are of. */
  #seen = 0
  /** What the losses of the batches up to the last look, `at`, add up to. */
  #last = { at: 0, total: 0 }
  #recent: readonly number[] = []
  /** Batches since the good state. */
  #since = 0

  constructor({ every = 20, factor = 1.5, looks = 10, limit = 3 }: RollbackOnSpikeOptions = {}) {
    super()
    this.#every = every
    this.#factor = factor
    this.#looks = looks
    this.#limit = limit
  }

  /** What was rolled back so far. */
  get rollbacks(): readonly Rollback[] {
    return this.#rollbacks
  }

  override onTrainBegin(): void {
    this.#rollbacks = []
    this.#good = undefined
    this.#recent = []
    this.#since = 0
  }

  override onEpochBegin(epoch: number): void {
    this.#epoch = epoch
    // A training that goes on within this epoch has been told what it had seen of it.
    const { batch = 0 } = this.params.position()
    if (batch > 0) return
    this.#seen = 0
    this.#last = { at: 0, total: 0 }
    if (this.#good !== undefined) this.#good = { ...this.#good, gathered: {}, seen: 0, total: 0 }
  }

  override async onTrainBatchEnd(batch: number, logs: () => Promise<Logs>): Promise<void> {
    this.#seen += 1
    this.#since += 1
    // The optimizer's state is made by the first step.
    if (this.#good === undefined) {
      this.#keep(Number((await logs()).loss) * this.#seen)
      return
    }
    if (this.#seen - this.#last.at < this.#every) return
    // The logs are means of the epoch so far: what has come since the last look is the difference of two sums.
    const total = Number((await logs()).loss) * this.#seen
    const loss = (total - this.#last.total) / (this.#seen - this.#last.at)
    if (this.#isSpike(loss)) {
      await this.#rollBack(batch, loss)
      return
    }
    this.#recent = [...this.#recent, loss].slice(-this.#looks)
    this.#last = { at: this.#seen, total }
    this.#keep(total)
  }

  #isSpike(loss: number): boolean {
    if (!Number.isFinite(loss)) return true
    const sorted = this.#recent.toSorted((a, b) => a - b)
    return sorted.length >= 3 && loss > this.#factor * (sorted[sorted.length >> 1] as number)
  }

  #keep(total: number): void {
    const variables = [...this.model.weights, ...stateOf(this.model.optimizer)]
    this.#good = {
      values: new Map(variables.map((variable) => [variable, variable.value])),
      gathered: this.params.position().tensors ?? {},
      seen: this.#seen,
      total,
    }
    this.#since = 0
  }

  async #rollBack(batch: number, loss: number): Promise<void> {
    const good = this.#good as GoodState
    const place = `epoch ${this.#epoch + 1}, batch ${batch + 1}`
    if (this.#rollbacks.length >= this.#limit) {
      throw new StateError({
        where: 'rollbackOnSpike',
        expected: `at most ${this.#limit} spikes of the loss`,
        received: `another one, ${loss}, in ${place}`,
        fix: 'Lower the learning rate, clip gradients (globalClipnorm: 1), or look at the data of these batches.',
      })
    }
    for (const [variable, value] of good.values) variable.assign(value)
    await this.params.restoreGathered(good.gathered)
    const undone = this.#since
    this.#rollbacks = [...this.#rollbacks, { epoch: this.#epoch, batch, loss, undone }]
    this.#seen = good.seen
    this.#last = { at: good.seen, total: good.total }
    this.#since = 0
    console.warn(
      `typegrad: the loss leapt to ${loss} before ${place}; the model is again what it was ${undone} batches before, and ` +
        `these are left out.`,
    )
  }

  /** The state to go back to is none of it: after an interruption that is what the training goes on from. */
  override getState(): unknown {
    return { rollbacks: this.#rollbacks, recent: this.#recent, seen: this.#seen, last: this.#last }
  }

  override setState(state: unknown): void {
    const place = object({ at: whole(), total: real })
    const rollback = object({ epoch: whole(), batch: whole(), loss: real, undone: whole() })
    const saved = checked(
      object({ rollbacks: list(rollback), recent: list(real), seen: whole(), last: place }),
      state,
      'rollbackOnSpike',
    )
    this.#rollbacks = saved.rollbacks
    this.#recent = saved.recent
    this.#seen = saved.seen
    this.#last = saved.last
    this.#good = undefined
  }
}

/** All variables of an optimizer, and of those that it hands its work to, once each. */
const stateOf = (optimizer: Optimizer): readonly Variable[] => [
  ...new Set([...optimizer.variables, ...optimizer.innerOptimizers.flatMap(stateOf)]),
]

/**
 * Looks at the loss now and then. Where it leaps, or is NaN or infinite, weights and optimizer become what they were when it
 * was last good, and the training goes on with the data behind: the batches in between are left out (Chowdhery et al. 2022,
 * PaLM, section 5.1, https://arxiv.org/abs/2204.02311). Each is told, and stands in `rollbacks`.
 *
 * It keeps a second copy of weights and optimizer. Batches are of one size.
 *
 * @throws StateError (while training) at a spike beyond `limit`.
 * @example
 * const guard = callbacks.rollbackOnSpike({ every: 50, factor: 1.3 })
 * await model.fit(batches, { callbacks: [guard] })
 * guard.rollbacks // [{ epoch: 3, batch: 449, loss: 9.1, undone: 50 }]
 */
export const rollbackOnSpike = (options?: RollbackOnSpikeOptions): RollbackOnSpike =>
  new RollbackOnSpike(options)
