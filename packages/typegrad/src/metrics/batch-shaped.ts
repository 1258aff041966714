import { StateError } from '../base/errors.ts'
import type { Shape } from '../base/shape.ts'
import { notEqual, where } from '../ops/comparison.ts'
import { onesLike, zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { currentScope } from '../tensor/trace.ts'
import type { Accumulator } from './accumulator.ts'
import { Metric, type MetricOptions } from './metric.ts'

/**
 * A metric that gathers sums whose shape the first batch decides.
 *
 * A `reset` that was compiled before that batch knows nothing of the sums. It sets a number back that was there
 * from the start, and while that is 0 the sums count as 0.
 */
export abstract class BatchShapedMetric<Sums extends string> extends Metric {
  readonly #begun = this.addVariable('begun')
  readonly #names: Readonly<Record<Sums, string>>
  #sums: Readonly<Record<Sums, Accumulator>> | undefined

  /** @param names what the sums' variables are called. */
  constructor(options: MetricOptions, defaultName: string, names: Readonly<Record<Sums, string>>) {
    super(options, defaultName)
    this.#names = names
  }

  /** Makes the variables, if that has not been done. */
  protected build(shape: Shape): Readonly<Record<Sums, Accumulator>> {
    this.#sums ??= mapValues(this.#names, (name) => this.addSum(name, shape))
    return this.#sums
  }

  override restore(gathered: ReadonlyMap<string, Tensor>): void {
    const [first] = Object.values<string>(this.#names)
    const sums = gathered.get(`${this.name}/${first}`)
    if (sums !== undefined) this.build(sums.shape)
    super.restore(gathered)
  }

  /** Adds a batch's sums to those so far. Traceable. */
  protected gather(added: Readonly<Record<Sums, Tensor>>): void {
    const [first] = Object.values<Tensor>(added)
    const sums = this.build(first?.shape ?? [])
    const begun = this.#hasBegun()
    for (const name of Object.keys(sums) as Sums[]) sums[name].add(added[name], begun)
    this.#begun.assign(onesLike(this.#begun.value))
  }

  #hasBegun(): Tensor {
    return notEqual(this.#begun.value, 0)
  }

  #since(sums: Readonly<Record<Sums, Accumulator>>): Readonly<Record<Sums, Tensor>> {
    const begun = this.#hasBegun()
    return mapValues(sums, ({ value }) => where(begun, value, 0))
  }

  /** The metric of the sums. Traced. */
  protected abstract resultOf(sums: Readonly<Record<Sums, Tensor>>): Tensor

  /** @throws StateError in a trace before the first batch: the compiled function would never see the sums. */
  override result(): Tensor {
    if (this.#sums !== undefined) return this.resultOf(this.#since(this.#sums))
    if (currentScope() === undefined) return zeros([])
    throw new StateError({
      where: this.name,
      expected: 'a batch before a compiled function asks for the result',
      received: 'none yet',
      fix: 'Call updateState first, or in the same function.',
    })
  }
}

function mapValues<K extends string, A, B>(
  record: Readonly<Record<K, A>>,
  change: (value: A) => B,
): Record<K, B> {
  const entries = Object.entries<A>(record).map(([key, value]) => [key, change(value)])
  return Object.fromEntries(entries) as Record<K, B>
}
