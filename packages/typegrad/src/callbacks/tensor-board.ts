import { ArgumentError, ShapeError } from '../base/errors.ts'
import { anything, boolean, number, optionsOf, string } from '../base/options.ts'
import { checked, object, whole } from '../base/schema.ts'
import { formatShape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { graphEvent, histogramEvent, imageEvent, scalarEvent } from '../formats/tensorboard-events.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Callback, type Logs } from './callback.ts'
import { EventFile } from './event-file.ts'
import { eventGraph } from './event-graph.ts'

export interface TensorBoardOptions {
  /** The folder that TensorBoard is started with, or one within it. Default `'logs'`. */
  readonly logDir?: string
  /** After how many epochs, again and again, histograms of the weights are written; 0 for never. Default 0. */
  readonly histogramFreq?: number
  /** Whether the model's graph is written. Default true. */
  readonly writeGraph?: boolean
  /** When losses and metrics are written: after each epoch, besides after each batch, or after so many. Default `'epoch'`. */
  readonly updateFreq?: 'epoch' | 'batch' | number
}

export const tensorBoardChecks = optionsOf<TensorBoardOptions>()({
  logDir: string,
  histogramFreq: number,
  writeGraph: boolean,
  updateFreq: anything,
})

/** Milliseconds after which batches are written to the disk, so that TensorBoard shows a training that is under way. */
const flushInterval = 5000

const inSeconds = (): number => Date.now() / 1000

/** Writes what TensorBoard shows; see {@link tensorBoard}. */
@takes(tensorBoardChecks)
export class TensorBoard extends Callback {
  override readonly addsLogs = []
  override readonly seesAllLogs = true
  readonly #logDir: string
  readonly #histogramFreq: number
  readonly #writeGraph: boolean
  readonly #batches: number | undefined
  readonly #files = new Map<string, EventFile>()
  #epoch = 0
  #training = false
  #trainStep = 0
  #testStep = 0
  #hasGraph = false
  #flushed = 0

  constructor({
    logDir = 'logs',
    histogramFreq = 0,
    writeGraph = true,
    updateFreq = 'epoch',
  }: TensorBoardOptions = {}) {
    super()
    if (!(Number.isInteger(histogramFreq) && histogramFreq >= 0)) {
      throw new ArgumentError({
        where: 'tensorBoard: histogramFreq',
        expected: 'a whole number of epochs, or 0',
        received: String(histogramFreq),
      })
    }
    const batches = updateFreq === 'batch' ? 1 : updateFreq
    if (batches !== 'epoch' && !(Number.isInteger(batches) && batches > 0)) {
      throw new ArgumentError({
        where: 'tensorBoard: updateFreq',
        expected: "'epoch', 'batch' or a positive number of batches",
        received: String(updateFreq),
      })
    }
    this.#logDir = logDir
    this.#histogramFreq = histogramFreq
    this.#writeGraph = writeGraph
    this.#batches = batches === 'epoch' ? undefined : batches
  }

  #file(run: 'train' | 'validation'): EventFile {
    const known = this.#files.get(run)
    if (known !== undefined) return known
    const made = new EventFile(`${this.#logDir}/${run}`, inSeconds())
    this.#files.set(run, made)
    return made
  }

  async #flush(): Promise<void> {
    this.#flushed = Date.now()
    for (const file of this.#files.values()) await file.flush()
  }

  override onTrainBegin(): void {
    this.#training = true
    this.#hasGraph = false
    this.#trainStep = 0
    this.#testStep = 0
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch
    if (this.#hasGraph || !this.#writeGraph) return
    this.#hasGraph = true
    const nodes = eventGraph(this.model.graph())
    if (nodes.length > 0) this.#file('train').add(graphEvent({ wallTime: inSeconds() }, nodes))
    await this.#flush()
  }

  override async onTrainBatchEnd(_batch: number, logs: () => Promise<Logs>): Promise<void> {
    const step = this.#trainStep++
    if (this.#batches === undefined || step % this.#batches !== 0) return
    this.#scalars('train', (name) => `batch_${name}`, await logs(), step)
    if (Date.now() - this.#flushed > flushInterval) await this.#flush()
  }

  override onTestBatchEnd(): void {
    this.#testStep += 1
  }

  override async onTestEnd(logs: Logs): Promise<void> {
    if (this.#batches === undefined && this.#training) return
    this.#scalars('validation', (name) => `evaluation_${name}_vs_iterations`, logs, this.#testStep)
    if (!this.#training) await this.#flush()
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const entries = Object.entries(logs)
    const own = entries.filter(([name]) => !name.startsWith('val_'))
    const validated = entries.filter(([name]) => name.startsWith('val_'))
    const tag = (name: string) => `epoch_${name}`
    const rate = { learning_rate: this.model.optimizer.learningRateValue }
    this.#scalars('train', tag, { ...Object.fromEntries(own), ...rate }, epoch)
    const names = validated.map(([name, value]) => [name.slice('val_'.length), value] as const)
    this.#scalars('validation', tag, Object.fromEntries(names), epoch)
    if (this.#histogramFreq > 0 && epoch % this.#histogramFreq === 0) await this.#histograms(epoch)
    await this.#flush()
  }

  override async onTrainEnd(): Promise<void> {
    this.#training = false
    await this.#flush()
  }

  #scalars(run: 'train' | 'validation', tag: (name: string) => string, logs: Logs, step: number): void {
    for (const [name, value] of Object.entries(logs)) {
      this.#file(run).add(scalarEvent({ wallTime: inSeconds(), step }, tag(name), value))
    }
  }

  async #histograms(step: number): Promise<void> {
    for (const { name, value } of this.model.weights) {
      const values = await value.data()
      this.#file('train').add(histogramEvent({ wallTime: inSeconds(), step }, `${name}/histogram`, values))
    }
  }

  /**
   * Writes pictures, such as samples that the model has made, to TensorBoard's images.
   *
   * @param pixels (height, width, channels), or (number, height, width, channels): floating-point numbers from 0 to 1
   * or uint8; 1 channel for grey, 2 with transparency, 3 for colours, 4 with transparency.
   * @param step the epoch, or whatever counts. Default the training's current epoch.
   * @throws ShapeError for what are no pictures.
   * @example
   * const board = tensorBoard({ logDir: 'logs' })
   * const samples = lambdaCallback({
   *   onEpochEnd: async (epoch) => board.image('samples', await generator.predict(noise), epoch),
   * })
   */
  async image(name: string, pixels: Tensor, step: number = this.#epoch): Promise<void> {
    const shape = pixels.rank === 3 ? [1, ...pixels.shape] : [...pixels.shape]
    const [count = 0, height = 0, width = 0, channels = 0] = shape
    if (shape.length !== 4 || count * height * width === 0 || channels < 1 || channels > 4) {
      throw new ShapeError({
        where: 'tensorBoard.image',
        expected: 'pixels of shape [height, width, 1 to 4 channels], or several such pictures',
        received: formatShape(pixels.shape),
      })
    }
    const values = await pixels.data()
    const data = pixels.dtype === 'uint8' ? (values as Uint8Array) : Uint8Array.from(values, toByte)
    const { encode } = await import('fast-png')
    const size = height * width * channels
    const files = Array.from({ length: count }, (_, i) =>
      encode({ width, height, channels, depth: 8, data: data.slice(i * size, (i + 1) * size) }),
    )
    const file = this.#file('train')
    file.add(imageEvent({ wallTime: inSeconds(), step }, name, { width, height }, files))
    await file.flush()
  }

  override getState(): unknown {
    return { trainStep: this.#trainStep, testStep: this.#testStep }
  }

  override setState(state: unknown): void {
    const { trainStep, testStep } = checked(
      object({ trainStep: whole(), testStep: whole() }),
      state,
      'tensorBoard',
    )
    this.#trainStep = trainStep
    this.#testStep = testStep
  }
}

const toByte = (value: number | bigint): number => Math.round(Math.min(1, Math.max(0, Number(value))) * 255)

/**
 * Writes event files that TensorBoard shows: losses, metrics and the learning rate of the runs `train` and
 * `validation` under Keras's names (`epoch_loss`, `batch_loss`, …), the graph of the layers, histograms of the
 * weights, and {@link TensorBoard.image | pictures}. Node only.
 *
 * @throws ArgumentError for frequencies that are none.
 * @example
 * const board = tensorBoard({ logDir: 'logs/first', histogramFreq: 1 })
 * await model.fit(x, y, { epochs: 20, callbacks: [board] })
 * // tensorboard --logdir logs
 */
export const tensorBoard = (options?: TensorBoardOptions): TensorBoard => new TensorBoard(options)
