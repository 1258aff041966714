import { ArgumentError } from '../base/errors.ts'
import { canonicalName } from '../base/registry.ts'
import type { Logs } from './callback.ts'

/** Whether less is better, more is better, or what the name says. */
export type MonitorMode = 'auto' | 'min' | 'max'

export interface MonitorOptions {
  /** The log to watch, such as `'loss'` or `'val_accuracy'`. Default `'val_loss'`. */
  readonly monitor?: string
  /** Default `'auto'`: less for losses and errors, more for accuracies and their like. */
  readonly mode?: MonitorMode
}

const lessIsBetter =
  /loss|error|entropy|divergence|hinge|poisson|logcosh|perplexity|^(mse|mae|mape|msle|rmse)$/
const moreIsBetter = /acc|auc|precision|recall|sensitivity|specificity|f1|fbeta|iou|r2|cosine|bleu/

/** A log that a callback watches, and which of two of its values is better. */
export class Monitor {
  readonly where: string
  readonly name: string
  readonly direction: 'min' | 'max'
  readonly minDelta: number

  constructor(
    where: string,
    { monitor = 'val_loss', mode = 'auto', minDelta = 0 }: MonitorOptions & { readonly minDelta?: number },
  ) {
    this.where = where
    this.name = monitor
    this.direction = directionOf(where, monitor, mode)
    this.minDelta = Math.abs(minDelta)
  }

  /**
   * Makes sure that there will be such a log, as far as their names are known: an empty list says nothing.
   *
   * @throws UnknownNameError naming those that there will be.
   */
  check(known: readonly string[]): void {
    if (known.length === 0) return
    canonicalName(`${this.where}: monitor`, this.name, Object.fromEntries(known.map((name) => [name, true])))
  }

  /** @throws UnknownNameError naming the logs that there are. */
  read(logs: Logs): number {
    return logs[canonicalName(`${this.where}: monitor`, this.name, logs)] as number
  }

  /** Whether a value beats another by more than `minDelta`. Anything beats nothing, and NaN beats nothing at all. */
  improves(value: number, best: number | undefined): boolean {
    if (Number.isNaN(value)) return false
    if (best === undefined) return true
    return this.direction === 'min' ? value + this.minDelta < best : value - this.minDelta > best
  }
}

/** Whether less or more of a log is better. @throws ArgumentError if its name does not say. */
export function directionOf(where: string, monitor: string, mode: MonitorMode): 'min' | 'max' {
  if (mode === 'min' || mode === 'max') return mode
  if (mode !== 'auto') {
    throw new ArgumentError({ where, expected: "a mode 'auto', 'min' or 'max'", received: `'${mode}'` })
  }
  const plain = monitor
    .replace(/^val_?/, '')
    .replace(/[^A-Za-z0-9]/g, '')
    .toLowerCase()
  if (lessIsBetter.test(plain)) return 'min'
  if (moreIsBetter.test(plain)) return 'max'
  throw new ArgumentError({
    where,
    expected: 'a monitor whose name says whether less or more of it is better',
    received: `'${monitor}'`,
    fix: "Say it: mode: 'min' or mode: 'max'.",
  })
}
