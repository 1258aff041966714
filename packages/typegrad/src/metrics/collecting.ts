import { StateError } from '../base/errors.ts'
import { concat } from '../ops/shape.ts'
import { zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { currentScope } from '../tensor/trace.ts'
import { Metric } from './metric.ts'

/** What compiled steps gather for metrics that keep rows: they give the rows out, since variables cannot grow. */
export type Collected = [metric: CollectingMetric, rows: Tensor][]

let collected: Collected | undefined

/** Runs a part of a trace in which updates of metrics that keep rows add these to the list. */
export function whileCollecting<T>(list: Collected, body: () => T): T {
  const outer = collected
  collected = list
  try {
    return body()
  } finally {
    collected = outer
  }
}

/**
 * A metric that needs all that it was given at once, such as every score. It has no variables: what a batch adds is kept
 * as rows outside of compiled steps.
 */
export abstract class CollectingMetric extends Metric {
  #kept: Tensor[] = []

  /** What is kept of a batch: (n, columns). Traced. */
  protected abstract rowsOf(yTrue: Tensor, yPred: Tensor, sampleWeight: Tensor | undefined): Tensor

  /** The metric of all rows. Traced. */
  protected abstract resultOf(rows: Tensor): Tensor

  /** @throws StateError in a compiled function of one's own, which would have to keep more at each call. */
  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const rows = this.rowsOf(yTrue, yPred, sampleWeight)
    if (collected !== undefined) collected.push([this, rows])
    else if (currentScope() === undefined) this.keep(rows)
    else {
      throw new StateError({
        where: `${this.name}.updateState`,
        expected: 'a call outside of compiled functions, or in the steps of a model',
        received: 'one in a compiled function',
        fix: 'Return labels and predictions from it, and call updateState with them.',
      })
    }
  }

  /** Adds rows to those that are kept. */
  keep(rows: Tensor): void {
    this.#kept.push(rows)
  }

  /** All rows that are kept; undefined if there are none. */
  get rows(): Tensor | undefined {
    const [first] = this.#kept
    if (this.#kept.length > 1) this.#kept = [concat(this.#kept)]
    return this.#kept[0] ?? first
  }

  override result(): Tensor {
    const { rows } = this
    return rows === undefined ? zeros([]) : this.resultOf(rows)
  }

  override reset(): void {
    this.#kept = []
  }

  /** Takes up rows by the name that `rowsName` gives. */
  override restore(gathered: ReadonlyMap<string, Tensor>): void {
    const rows = gathered.get(this.rowsName)
    this.#kept = rows === undefined ? [] : [rows]
  }

  /** What the rows are called where a training is kept. */
  get rowsName(): string {
    return `${this.name}/rows`
  }
}
