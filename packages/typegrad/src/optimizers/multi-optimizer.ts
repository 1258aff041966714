import { ArgumentError, StateError } from '../base/errors.ts'
import { anything, needed, optionsOf, string } from '../base/options.ts'
import { type SerializedObject, serialize } from '../base/serialization.ts'
import { takes } from '../base/takes.ts'
import { add } from '../ops/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { innerOptimizerOf } from './inner-optimizer.ts'
import { Optimizer } from './optimizer.ts'
import type { Slots, UpdateRule } from './rule.ts'

export interface MultiOptimizerOptions {
  /** Default `'multi_optimizer'`. */
  readonly name?: string | undefined
  /** For the weights that no pattern matches. */
  readonly defaultOptimizer: Optimizer | SerializedObject | string
  /** Optimizers by regular expressions, one of which matches the whole name of a weight. Default none. */
  readonly optimizerMap?: Readonly<Record<string, Optimizer | SerializedObject | string>> | undefined
}

export const multiOptimizerChecks = optionsOf<MultiOptimizerOptions>()({
  name: string,
  defaultOptimizer: needed(anything),
  optimizerMap: anything,
})

/** See {@link multiOptimizer}. */
@takes(multiOptimizerChecks)
export class MultiOptimizer extends Optimizer {
  readonly className = 'MultiOptimizer'
  readonly defaultOptimizer: Optimizer
  readonly optimizerMap: ReadonlyMap<string, Optimizer>
  readonly #owners = new Map<Variable, Optimizer>()

  constructor({ name, defaultOptimizer, optimizerMap = {} }: MultiOptimizerOptions) {
    super({ name }, 'multi_optimizer', 0)
    this.defaultOptimizer = innerOptimizerOf(defaultOptimizer)
    this.optimizerMap = new Map(
      Object.entries(optimizerMap).map(([pattern, identifier]) => [pattern, innerOptimizerOf(identifier)]),
    )
  }

  /** Those of the patterns, in order, and the default. */
  get optimizers(): readonly Optimizer[] {
    return [...new Set([...this.optimizerMap.values(), this.defaultOptimizer])]
  }

  override get innerOptimizers(): readonly Optimizer[] {
    return this.optimizers
  }

  override get built(): boolean {
    return this.#owners.size > 0
  }

  override build(weights: readonly Variable[]): void {
    if (!this.built) for (const weight of weights) this.#owners.set(weight, this.#chosen(weight))
    for (const [optimizer, own] of this.#shared(weights)) {
      optimizer.build(own.map((i) => weights[i] as Variable))
    }
  }

  #chosen({ name }: Variable): Optimizer {
    const found = [...this.optimizerMap].filter(([pattern]) => new RegExp(`^(?:${pattern})$`).test(name))
    if (found.length > 1) {
      throw new ArgumentError({
        where: this.name,
        expected: `one pattern that matches the weight ${name}`,
        received: found.map(([pattern]) => pattern).join(', '),
      })
    }
    return found[0]?.[1] ?? this.defaultOptimizer
  }

  /** The positions of each optimizer's weights. */
  #shared(weights: readonly Variable[]): Map<Optimizer, number[]> {
    const shares = new Map<Optimizer, number[]>(this.optimizers.map((optimizer) => [optimizer, []]))
    weights.forEach((weight, i) => {
      shares.get(this.#ownerOf(weight))?.push(i)
    })
    for (const [optimizer, own] of shares) if (own.length === 0) shares.delete(optimizer)
    return shares
  }

  #ownerOf(weight: Variable): Optimizer {
    const owner = this.#owners.get(weight)
    if (owner !== undefined) return owner
    throw new StateError({
      where: this.name,
      expected: `the ${this.#owners.size} weights that the optimizer was built for`,
      received: `${weight.name}, which is none of them`,
      fix: 'Make a new optimizer for other weights: call compile again.',
    })
  }

  override get weights(): readonly Variable[] {
    return [...this.#owners.keys()]
  }

  override slotsOf(weight: Variable): Slots {
    return this.#ownerOf(weight).slotsOf(weight)
  }

  override findSlots(weight: Variable): Slots | undefined {
    return this.#owners.get(weight)?.findSlots(weight)
  }

  override get variables(): readonly Variable[] {
    return [...super.variables, ...this.optimizers.flatMap((optimizer) => optimizer.variables)]
  }

  override excludeFromWeightDecay(excluded: readonly (Variable | string)[]): void {
    for (const optimizer of this.optimizers) optimizer.excludeFromWeightDecay(excluded)
  }

  override get learningRateValue(): number {
    return this.defaultOptimizer?.learningRateValue ?? 0
  }

  /** @throws StateError: each optimizer has its own. */
  override set learningRateValue(_rate: number) {
    throw new StateError({
      where: this.name,
      expected: 'the learning rate of one of its optimizers',
      received: 'one for all of them',
      fix: 'Set learningRateValue of the optimizer that it is for.',
    })
  }

  override get useEma(): boolean {
    return this.optimizers.some((optimizer) => optimizer.useEma)
  }

  override get averages(): ReadonlyMap<Variable, Variable> {
    return new Map(this.optimizers.flatMap((optimizer) => [...optimizer.averages]))
  }

  override finalizeVariableValues(weights: readonly Variable[]): void {
    for (const [optimizer, own] of this.#shared(weights)) {
      optimizer.finalizeVariableValues(own.map((i) => weights[i] as Variable))
    }
  }

  override apply(grads: readonly Tensor[], weights: readonly Variable[]): void {
    this.checkGradients(grads, weights)
    if (weights.length === 0) return
    this.build(weights)
    for (const [optimizer, own] of this.#shared(weights)) {
      optimizer.apply(
        own.map((i) => grads[i] as Tensor),
        own.map((i) => weights[i] as Variable),
      )
    }
    this.iterations.assign(add(this.iterations.value, 1))
  }

  protected override rule(): UpdateRule {
    return () => {}
  }

  override getConfig(): Record<string, unknown> {
    return {
      name: this.name,
      defaultOptimizer: serialize(this.defaultOptimizer),
      optimizerMap: Object.fromEntries(
        [...this.optimizerMap].map(([pattern, optimizer]) => [pattern, serialize(optimizer)]),
      ),
    }
  }
}

/**
 * Several optimizers, each for the weights whose names it is mapped to.
 *
 * @throws ArgumentError, when it is built, for a weight that two patterns match.
 * @example
 * model.compile({
 *   optimizer: optimizers.multiOptimizer({
 *     defaultOptimizer: optimizers.adamw(),
 *     optimizerMap: { 'head/.*': optimizers.sgd({ learningRate: 0.1 }) },
 *   }),
 *   loss: 'mse',
 * })
 */
export const multiOptimizer = (options: MultiOptimizerOptions): MultiOptimizer => new MultiOptimizer(options)
