import { readFile } from 'node:fs/promises'
import { Callback, type EpochLogs, type Logs } from 'typegrad'

/** How well a training predicts what was held out, and what it has taken until then. */
export interface CurvePoint {
  readonly step: number
  /** Of training: evaluations and samples are not counted. */
  readonly seconds: number
  /** Of the processor, on all of its cores. */
  readonly cpuSeconds: number
  /** Nats a character on the whole held-out tenth. */
  readonly loss: number
}

/** A training's curve as it is kept in `curve.json`: all that another program needs to train in the same way. */
export interface CurveFile {
  readonly program: string
  readonly seed: number
  readonly layers: number
  readonly heads: number
  readonly width: number
  readonly length: number
  readonly batchSize: number
  readonly dropout: number
  readonly learningRate: number
  readonly finalShare: number
  readonly warmupSteps: number
  readonly beta2: number
  readonly steps: number
  /** Steps between two points. */
  readonly every: number
  /** Numbers that are learnt. */
  readonly parameters: number
  readonly points: readonly CurvePoint[]
}

export const readCurve = async (file: string): Promise<CurveFile> =>
  JSON.parse(await readFile(file, 'utf8')) as CurveFile

/** Notes a point of the curve after each evaluation. */
export class CurveNotes extends Callback {
  readonly points: CurvePoint[] = []
  readonly #every: number
  readonly #steps: number
  #done = 0
  #seconds = 0
  #cpuSeconds = 0
  #since = clocks()

  /** @param every steps of an epoch. */
  constructor(steps: number, every: number) {
    super()
    this.#steps = steps
    this.#every = every
  }

  override onEpochBegin(): void {
    this.#since = clocks()
  }

  override async onTrainBatchEnd(batch: number, logs: () => Promise<Logs>): Promise<void> {
    // What was asked for may still be computed when the evaluation begins; reading waits for it.
    this.#done++
    if (batch === this.#every - 1 || this.#done === this.#steps) await logs()
  }

  override onTestBegin(): void {
    const { seconds, cpuSeconds } = clocks()
    this.#seconds += seconds - this.#since.seconds
    this.#cpuSeconds += cpuSeconds - this.#since.cpuSeconds
  }

  override onEpochEnd(epoch: number, { val_loss: loss }: EpochLogs): void {
    this.points.push({
      step: Math.min(this.#steps, (epoch + 1) * this.#every),
      seconds: this.#seconds,
      cpuSeconds: this.#cpuSeconds,
      loss: Number(loss),
    })
  }
}

const clocks = (): { readonly seconds: number; readonly cpuSeconds: number } => {
  const { user, system } = process.cpuUsage()
  return { seconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6 }
}
