import { anything, boolean, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { Callback, type Logs } from './callback.ts'
import { layOut } from './progress-layout.ts'

/** Where the bar is drawn. The defaults are the process's output, if there is one. */
export interface ProgressBarOptions {
  /** Takes what is to be shown. Default: standard output, or nothing where there is none. */
  readonly write?: (text: string) => void
  /** Whether lines can be drawn over: a terminal. Default: whether standard output is one. */
  readonly interactive?: boolean
  /** Width of the terminal, asked again at each drawing. Default: standard output's. */
  readonly columns?: () => number
  /** Milliseconds that have passed since some moment. Default: `performance.now`. */
  readonly now?: () => number
}

export const progressBarChecks = optionsOf<ProgressBarOptions>()({
  write: anything,
  interactive: boolean,
  columns: anything,
  now: anything,
})

/** Reading the logs costs a run: ten times a second is as much as an eye needs. */
const interval = 100
const clearToEnd = '\x1b[K'
const clearBelow = '\x1b[J'

/** Optimizers whose step has run: the first one is compiled before it does. */
const compiled = new WeakSet<object>()

interface Phase {
  readonly started: number
  readonly steps: number | undefined
  done: number
  /** When the first step ended: the time of the others is not the compiler's. */
  firstEnded: number
}

/** Shows how a training goes on; see {@link progressBar}. */
@takes(progressBarChecks)
export class ProgressBar extends Callback {
  override readonly addsLogs = []
  readonly #write: (text: string) => void
  readonly #interactive: boolean
  readonly #columns: () => number
  readonly #now: () => number
  override readonly seesAllLogs = true
  #training = false
  #phase: Phase | undefined
  #lastDrawn = 0
  /** Lines that stand where the next ones are drawn. */
  #drawn: readonly string[] = []

  constructor(options: ProgressBarOptions = {}) {
    super()
    const stdout = globalThis.process?.stdout as typeof globalThis.process.stdout | undefined
    this.#write = options.write ?? ((text) => stdout?.write(text))
    this.#interactive = options.interactive ?? stdout?.isTTY === true
    this.#columns = options.columns ?? (() => stdout?.columns ?? 80)
    this.#now = options.now ?? (() => performance.now())
  }

  /** Says what goes on before there is a progress, on a terminal alone. To be followed by drawings, or `clear`. */
  status(text: string): void {
    if (this.#interactive) this.#show([text.slice(0, Math.max(0, this.#columns() - 1))])
  }

  /** Takes back what may be drawn over. */
  clear(): void {
    if (this.#drawn.length === 0) return
    this.#show([''])
    this.#write('\r')
    this.#drawn = []
  }

  /** Leaves what is drawn as it is, so that something else can be printed below. */
  interrupt(): void {
    if (this.#drawn.length > 0) this.#write('\n')
    this.#drawn = []
  }

  override onTrainBegin(): void {
    this.#training = true
    // Other callbacks may print something before the first epoch.
    this.clear()
  }

  override onEpochBegin(epoch: number): void {
    if (this.#drawsBar) {
      this.clear()
      this.#write(`Epoch ${epoch + 1}/${this.params.epochs}\n`)
    }
    this.#begin()
  }

  override onTrainBatchEnd(batch: number, logs: () => Promise<Logs>): void | Promise<void> {
    return this.#step(batch, logs)
  }

  override onTestBegin(): void {
    if (!this.#training) this.#begin()
    else if (this.#drawsBar) this.#draw(['validating'])
  }

  override onTestBatchEnd(batch: number, logs: () => Promise<Logs>): void | Promise<void> {
    if (!this.#training) return this.#step(batch, logs)
  }

  override onTestEnd(logs: Logs): void {
    if (!this.#training) this.#finish('', logs)
  }

  /** Clears the bar: what others print then has a line of its own. */
  override makeWay(): void {
    this.clear()
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    this.#finish(`Epoch ${epoch + 1}/${this.params.epochs} `, logs)
  }

  override onTrainEnd(): void {
    this.#training = false
    this.interrupt()
  }

  get #drawsBar(): boolean {
    return this.#interactive && this.params.verbose === 1
  }

  #begin(): void {
    const now = this.#now()
    this.#phase = { started: now, firstEnded: now, done: 0, steps: this.params.steps }
    this.#lastDrawn = now
    if (this.#drawsBar && !compiled.has(this.#optimizer)) this.#draw(['compiling …'])
  }

  get #optimizer(): object {
    return this.model.optimizer
  }

  #step(batch: number, logs: () => Promise<Logs>): void | Promise<void> {
    const phase = this.#phase
    if (phase === undefined) return
    const now = this.#now()
    phase.done = batch + 1
    if (phase.done === 1) phase.firstEnded = now
    compiled.add(this.#optimizer)
    // The last batch is drawn when the epoch ends, with the logs of the validation.
    if (!this.#drawsBar || phase.done === phase.steps || now - this.#lastDrawn < interval) return
    this.#lastDrawn = now
    return this.#drawLogs(phase, logs)
  }

  async #drawLogs(phase: Phase, logs: () => Promise<Logs>): Promise<void> {
    const metrics = formatLogs(await logs())
    this.#draw([timeLeft(phase, this.#now())], metrics)
  }

  #finish(title: string, logs: Logs): void {
    const phase = this.#phase
    this.#phase = undefined
    if (phase === undefined || this.params.verbose === 0) return
    const passed = this.#now() - phase.started
    const notes = [formatTime(passed), ...(phase.done > 0 ? [`${formatStep(passed / phase.done)}/step`] : [])]
    const metrics = formatLogs(logs)
    if (!this.#drawsBar) {
      this.#write(`${title}${[...notes, ...metrics].join(' ')}\n`)
      return
    }
    this.#drawPhase(phase, notes, metrics)
    this.interrupt()
  }

  #draw(notes: readonly string[], metrics: readonly string[] = []): void {
    if (this.#phase !== undefined) this.#drawPhase(this.#phase, notes, metrics)
  }

  #drawPhase({ done, steps }: Phase, notes: readonly string[], metrics: readonly string[]): void {
    const count = steps === undefined ? `${done}` : `${String(done).padStart(String(steps).length)}/${steps}`
    const share = steps === undefined ? undefined : done / Math.max(1, steps)
    // One column stays free: some terminals wrap as soon as the last one is written.
    this.#show(layOut({ count, share, notes, metrics }, this.#columns() - 1))
  }

  /** Draws lines over those that were drawn before. */
  #show(lines: readonly string[]): void {
    const columns = Math.max(1, this.#columns())
    // A terminal that has become narrower has wrapped the old lines.
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0)
    const up = rows > 1 ? `\x1b[${rows - 1}A` : ''
    const rest = rows > lines.length ? clearBelow : ''
    this.#write(`\r${up}${lines.join(`${clearToEnd}\n`)}${clearToEnd}${rest}`)
    this.#drawn = lines
  }
}

function timeLeft({ done, steps, started, firstEnded }: Phase, now: number): string {
  if (steps === undefined) return formatTime(now - started)
  const perStep = done > 1 ? (now - firstEnded) / (done - 1) : (now - started) / Math.max(1, done)
  return `${formatTime(perStep * (steps - done))} left`
}

/** `loss: 0.3142 accuracy: 0.9012`, with as many digits as Keras shows where they mean something. */
const formatLogs = (logs: Logs): string[] =>
  Object.entries(logs).map(([name, value]) => `${name}: ${formatValue(value)}`)

function formatValue(value: number): string {
  const size = Math.abs(value)
  // Behind nine digits those after the point say nothing: a loss that explodes is `6.0146e+18`.
  const isPlain = value === 0 || (size > 1e-3 && size < 1e9) || !Number.isFinite(value)
  return isPlain ? value.toFixed(4) : value.toExponential(4)
}

function formatTime(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds}s`
  const two = (value: number): string => String(value).padStart(2, '0')
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)]
  return hours > 0 ? `${hours}h ${two(minutes % 60)}m` : `${minutes}m ${two(seconds % 60)}s`
}

function formatStep(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)}s`
  return milliseconds >= 1 ? `${Math.round(milliseconds)}ms` : `${Math.round(milliseconds * 1000)}us`
}

/**
 * Shows the training: with `verbose: 1` a bar for each epoch on a terminal (and a line elsewhere), with 2 a
 * line for each epoch, with 0 nothing. `fit` adds one by itself.
 *
 * `12/422 ━━━━────────── 3s left loss: 0.3142 accuracy: 0.9012`
 *
 * The bar is drawn ten times a second at most, for reading the logs costs a run.
 *
 * @example
 * progressBar({ write: (text) => panel.append(text), interactive: false })
 */
export const progressBar = (options?: ProgressBarOptions): ProgressBar => new ProgressBar(options)
