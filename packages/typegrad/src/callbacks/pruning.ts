import { StateError } from '../base/errors.ts'
import { count, func, needed, oneOf, optionsOf } from '../base/options.ts'
import { checked, object, real } from '../base/schema.ts'
import { takes } from '../base/takes.ts'
import { adaptersOf } from '../layers/adapters/adapt.ts'
import { MovementPruned } from '../layers/adapters/movement-pruned.ts'
import { pruneWeights } from '../layers/adapters/prune-weights.ts'
import { Pruned } from '../layers/adapters/pruned.ts'
import type { SparsitySchedule } from '../layers/adapters/sparsity-schedules.ts'
import { type AnyLayer, Layer } from '../layers/base/layer.ts'
import { scalar } from '../tensor/tensor.ts'
import { Callback, type Ending, type EpochLogs, type Logs } from './callback.ts'

export interface PruningOptions {
  /** The share of zeros by the number of steps: `constantSparsity`, `polynomialSparsity`, or a function. */
  readonly schedule: SparsitySchedule
  /** After so many steps it is chosen anew what is zero. Default 100. */
  readonly every?: number
  /** Of magnitudes: whether each weight loses that share, or all together. Default `'local'`. */
  readonly scope?: 'local' | 'global'
}

export const pruningChecks = optionsOf<PruningOptions>()({
  schedule: needed(func),
  every: count,
  scope: oneOf('local', 'global'),
})

/** Makes a model sparse while it trains; see {@link pruning}. */
@takes(pruningChecks)
export class Pruning extends Callback {
  override readonly addsLogs = ['sparsity']
  readonly #schedule: SparsitySchedule
  readonly #every: number
  readonly #scope: 'local' | 'global'
  #step = 0
  #sparsity = 0

  constructor({ schedule, every = 100, scope = 'local' }: PruningOptions) {
    super()
    this.#schedule = schedule
    this.#every = every
    this.#scope = scope
  }

  override onTrainBegin(): void {
    this.#step = 0
    this.#sparsity = 0
    const { masked, moving } = this.#placed()
    if (masked.size + moving.length > 0) return
    throw new StateError({
      where: 'pruning',
      expected: 'a model with weights that can be pruned',
      received: `'${this.model.name}', which has none`,
      fix: "Before compile: adapt(model, '**/kernel', adapters.pruned()).",
    })
  }

  override async onTrainBatchBegin(): Promise<void> {
    if (this.#step % this.#every === 0) await this.#prune()
  }

  override onTrainBatchEnd(): void {
    this.#step++
  }

  override onEpochEnd(_epoch: number, logs: EpochLogs): void {
    logs.sparsity = this.#sparsity
  }

  /** What the schedule says of the last step holds, wherever that was. */
  override async onTrainEnd(_logs: Logs, ending: Ending): Promise<void> {
    if (ending !== 'error') await this.#prune()
  }

  async #prune(): Promise<void> {
    const sparsity = this.#schedule(this.#step)
    if (sparsity === undefined) return
    this.#sparsity = sparsity
    const { layer, masked, moving } = this.#placed()
    if (masked.size > 0)
      await pruneWeights(layer, { sparsity, scope: this.#scope, filter: (path) => masked.has(path) })
    const at = layer.weightPaths
    for (const path of moving) at.get(path)?.assign(scalar(sparsity))
  }

  /** The weights with masks, and the variables that say how many elements others lose. */
  #placed(): {
    readonly layer: AnyLayer
    readonly masked: ReadonlySet<string>
    readonly moving: readonly string[]
  } {
    const model: unknown = this.model
    if (!(model instanceof Layer)) {
      throw new StateError({ where: 'pruning', expected: 'a model of layers', received: this.model.name })
    }
    const placed = adaptersOf(model)
    const masked = placed.filter(({ adapter }) => adapter instanceof Pruned).map(({ path }) => path)
    const moving = placed.filter(({ adapter }) => adapter instanceof MovementPruned)
    return {
      layer: model,
      masked: new Set(masked),
      moving: moving.map(({ path, adapter }) => `${path}/${adapter.name}/sparsity`),
    }
  }

  override getState(): unknown {
    return { step: this.#step, sparsity: this.#sparsity }
  }

  override setState(state: unknown): void {
    const { step, sparsity } = checked(object({ step: real, sparsity: real }), state, 'pruning')
    this.#step = step
    this.#sparsity = sparsity
  }
}

/**
 * Makes a model sparse while it trains, by a schedule: of weights with `adapters.pruned` those that are smallest go, of weights
 * with `adapters.movementPruned` those with the lowest scores. The logs have the `sparsity`. `mergeAdapters` makes it last.
 *
 * @throws StateError when the training begins, for a model without such weights.
 * @example
 * adapt(model, '**\/kernel', adapters.pruned())
 * model.compile({ optimizer: 'adam', loss: 'mse' })
 * const schedule = polynomialSparsity({ final: 0.8, end: 500 })
 * await model.fit(x, y, { epochs: 10, callbacks: [callbacks.pruning({ schedule, every: 50 })] })
 * mergeAdapters(model)
 */
export const pruning = (options: PruningOptions): Pruning => new Pruning(options)
