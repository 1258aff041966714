import { ArgumentError } from '../base/errors.ts'
import { anything, optionsOf, string } from '../base/options.ts'
import { canonicalName } from '../base/registry.ts'
import type { Logs, TrainingParams } from './callback.ts'

/** Whether less is better, more is better, or what the name says. */
export type MonitorMode = 'auto' | 'min' | 'max'

export interface MonitorOptions {
  /** The log to watch, such as `'loss'` or `'val_accuracy'`. Default `'val_loss'`. */
  readonly monitor?: string
  /** Whether less or more is better. Default `'auto'`: less for losses and errors, more for accuracies and their like. */
  readonly mode?: MonitorMode
}

export const monitorChecks = optionsOf<MonitorOptions>()({ monitor: string, mode: anything })

const lessIsBetter =
  /loss|error|entropy|divergence|hinge|poisson|logcosh|perplexity|^(mse|mae|mape|msle|rmse)$/
const moreIsBetter = /acc|auc|precision|recall|sensitivity|specificity|f1|fbeta|iou|r2|cosine|bleu/

/** A log that a callback watches, and which of two of its values is better. */
export class Monitor {
  readonly where: string
  readonly name: string
  readonly direction: 'min' | 'max'
  readonly minDelta: number
  #mayComeLater = false
  #hasWarned = false

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
   * Makes sure that there will be such a log, as far as the names of all logs are known.
   *
   * @throws UnknownNameError naming those that there will be.
   */
  check(training: Pick<TrainingParams, 'metrics' | 'callbacks'>): void {
    this.#mayComeLater = training.callbacks.some(({ addsLogs }) => addsLogs === undefined)
    const known = logNames(training)
    if (known.length > 0) this.#nameAmong(Object.fromEntries(known.map((name) => [name, 0])))
  }

  /**
   * The value that the logs have; undefined where a callback may add it and has not yet, which is told once.
   *
   * @throws UnknownNameError naming the logs that there are, where no callback can add others.
   */
  read(logs: Logs, epoch?: number): number | undefined {
    if (Object.hasOwn(logs, this.name)) return logs[this.name]
    if (!this.#mayComeLater) return logs[this.#nameAmong(logs)]
    const spelled = Object.keys(logs).find((name) => plainName(name) === plainName(this.name))
    if (spelled !== undefined) return logs[spelled]
    if (!this.#hasWarned) {
      const when = epoch === undefined ? 'the logs' : `epoch ${epoch + 1}`
      console.warn(
        `typegrad: ${this.where}: ${when} has no '${this.name}', only ${Object.keys(logs).join(', ')}; ` +
          'epochs without it do not count. A callback that adds a log has to come before the one that watches it.',
      )
    }
    this.#hasWarned = true
    return undefined
  }

  /** The logs' own spelling of the name. They are copied, for what is known of a table's names is kept with it. */
  #nameAmong(logs: Logs): string {
    return canonicalName(`${this.where}: monitor`, this.name, { ...logs })
  }

  /** Whether a value beats another by more than `minDelta`. Anything beats nothing, and NaN beats nothing at all. */
  improves(value: number, best: number | undefined): boolean {
    if (Number.isNaN(value)) return false
    if (best === undefined) return true
    return this.direction === 'min' ? value + this.minDelta < best : value - this.minDelta > best
  }
}

/** The names that the logs of an epoch will have; empty where they are not known before. */
export function logNames({
  metrics,
  callbacks,
}: Pick<TrainingParams, 'metrics' | 'callbacks'>): readonly string[] {
  const added = callbacks.map(({ addsLogs }) => addsLogs)
  if (metrics.length === 0 || added.includes(undefined)) return []
  return [...new Set([...metrics, ...added.flatMap((names) => names ?? [])])]
}

const plainName = (name: string): string => name.replace(/[^A-Za-z0-9]/g, '').toLowerCase()

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
