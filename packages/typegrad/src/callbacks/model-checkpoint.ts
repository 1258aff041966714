import { ArgumentError } from '../base/errors.ts'
import { anything, boolean, needed, number, optionsOf, string } from '../base/options.ts'
import { canonicalName } from '../base/registry.ts'
import { checked, object, orNull, real, text, whole } from '../base/schema.ts'
import { takes } from '../base/takes.ts'
import { Callback, type Logs } from './callback.ts'
import { fillTemplate, templateNames } from './file-template.ts'
import { logNames, Monitor, type MonitorOptions, monitorChecks } from './monitor.ts'

export interface ModelCheckpointOptions extends MonitorOptions {
  /**
   * The folder of the saved model, or the file of its weights. `{epoch}`, `{val_loss:.2f}` and other logs'
   * names stand for their values; epochs count from 1. Without them each save replaces the one before.
   */
  readonly filepath: string
  /** Whether only a model that is better than all before is saved. Default false. */
  readonly saveBestOnly?: boolean
  /** Whether only the weights are saved, as safetensors. Default false: the whole model with its optimizer. */
  readonly saveWeightsOnly?: boolean
  /** After each epoch, or after so many batches. Default `'epoch'`. */
  readonly saveFreq?: 'epoch' | number
  /** The value that the first model must beat, with `saveBestOnly`. Default none. */
  readonly initialValueThreshold?: number
}

export const modelCheckpointChecks = optionsOf<ModelCheckpointOptions>()({
  filepath: needed(string),
  saveBestOnly: boolean,
  saveWeightsOnly: boolean,
  saveFreq: anything,
  initialValueThreshold: number,
  ...monitorChecks,
})

/** Saves the model while it is trained; see {@link modelCheckpoint}. */
@takes(modelCheckpointChecks)
export class ModelCheckpoint extends Callback {
  override readonly addsLogs = []
  /** The best value so far, with `saveBestOnly`. */
  best: number | undefined
  /** Where the last model was saved; undefined before the first. */
  lastPath: string | undefined
  readonly #filepath: string
  readonly #monitor: Monitor | undefined
  readonly #saveWeightsOnly: boolean
  readonly #saveFreq: 'epoch' | number
  #epoch = 0
  #batchesSinceSave = 0

  constructor({
    filepath,
    saveBestOnly = false,
    saveWeightsOnly = false,
    saveFreq = 'epoch',
    initialValueThreshold,
    ...monitor
  }: ModelCheckpointOptions) {
    super()
    if (saveFreq !== 'epoch' && !(Number.isInteger(saveFreq) && saveFreq > 0)) {
      throw new ArgumentError({
        where: 'modelCheckpoint: saveFreq',
        expected: "'epoch' or a positive number of batches",
        received: String(saveFreq),
      })
    }
    this.#filepath = filepath
    this.#monitor = saveBestOnly ? new Monitor('modelCheckpoint', monitor) : undefined
    this.#saveWeightsOnly = saveWeightsOnly
    this.#saveFreq = saveFreq
    this.best = initialValueThreshold
  }

  override onTrainBegin(): void {
    const { metrics } = this.params
    const atEpochs = this.#saveFreq === 'epoch'
    // Between batches there is nothing yet of the validation and of what callbacks add.
    const known = atEpochs
      ? logNames(this.params)
      : logNames({ metrics: metrics.filter((name) => !name.startsWith('val_')), callbacks: [] })
    this.#monitor?.check(atEpochs ? this.params : { metrics: known, callbacks: [] })
    if (known.length === 0) return
    const values = Object.fromEntries(['epoch', 'batch', ...known].map((name) => [name, 0]))
    for (const name of templateNames(this.#filepath)) {
      canonicalName('modelCheckpoint: filepath', name, values)
    }
  }

  override onEpochBegin(epoch: number): void {
    this.#epoch = epoch
  }

  override async onTrainBatchEnd(batch: number, logs: () => Promise<Logs>): Promise<void> {
    if (this.#saveFreq === 'epoch' || ++this.#batchesSinceSave < this.#saveFreq) return
    this.#batchesSinceSave = 0
    await this.#save(this.#epoch, batch, await logs())
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    if (this.#saveFreq === 'epoch') await this.#save(epoch, 0, logs)
  }

  async #save(epoch: number, batch: number, logs: Logs): Promise<void> {
    const monitor = this.#monitor
    const value = monitor?.read(logs, epoch)
    if (monitor !== undefined && (value === undefined || !monitor.improves(value, this.best))) return
    const path = fillTemplate(this.#filepath, { ...logs, epoch: epoch + 1, batch: batch + 1 })
    await (this.#saveWeightsOnly ? this.model.saveWeights(path) : this.model.save(path))
    // Only a model that was saved is one to beat.
    if (value !== undefined) this.best = value
    this.lastPath = path
  }

  override getState(): unknown {
    const { best = null, lastPath = null } = this
    return { best, lastPath, batchesSinceSave: this.#batchesSinceSave }
  }

  override setState(state: unknown): void {
    const saved = checked(
      object({ best: orNull(real), lastPath: orNull(text), batchesSinceSave: whole() }),
      state,
      'modelCheckpoint',
    )
    this.best = saved.best ?? undefined
    this.lastPath = saved.lastPath ?? undefined
    this.#batchesSinceSave = saved.batchesSinceSave
  }
}

/**
 * Saves the model after each epoch (or so many batches), or whenever it is better than all before. An older
 * save under the same name stays whole until the new one is.
 *
 * @throws UnknownNameError when the training begins, if it will not have the logs that are named.
 * @example
 * modelCheckpoint({ filepath: 'runs/best', saveBestOnly: true, monitor: 'val_accuracy' })
 * modelCheckpoint({ filepath: 'runs/{epoch:02d}-{val_loss:.2f}.safetensors', saveWeightsOnly: true })
 */
export const modelCheckpoint = (options: ModelCheckpointOptions): ModelCheckpoint =>
  new ModelCheckpoint(options)
