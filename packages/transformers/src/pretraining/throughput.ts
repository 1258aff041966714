import { Callback, compile, random, type Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { type EnergyMeter, energyMeter } from 'typegrad/formats'
import { checks } from 'typegrad/layers'

export interface ThroughputOptions {
  /** Tokens of a batch. */
  readonly tokensPerBatch: number
  /**
   * Floating-point operations that the model needs for a token, forwards and backwards, without what is computed again:
   * `flopsPerToken`. Default: utilisation is not told.
   */
  readonly flopsPerToken?: number | undefined
  /** Floating-point operations a second that count as full utilisation. Default: those of this machine's matrix product, measured once. */
  readonly peakFlops?: number | undefined
  /** Whether the energy of the processors is read. Default true. */
  readonly energy?: boolean
}

const { boolean, needed, positive } = checks
const throughputChecks = optionsOf<ThroughputOptions>()({
  tokensPerBatch: needed(positive),
  flopsPerToken: positive,
  peakFlops: positive,
  energy: boolean,
})

/** Rows and columns of the matrices that a machine's speed is measured by. */
const size = 1024
let measured: Promise<number> | undefined

/**
 * Floating-point operations a second of the default engine's product of two matrices of 1024 × 1024: the best of a few runs,
 * measured once in a process (some tenths of a second).
 *
 * @example
 * const peak = await matmulFlops() // 1.5e11 on two cores of 2020
 */
export function matmulFlops(): Promise<number> {
  measured ??= measure()
  return measured
}

async function measure(): Promise<number> {
  const product = compile((a: Tensor, b: Tensor) => a.matmul(b))
  const [a, b] = [random.normal([size, size]), random.normal([size, size])]
  await (await product(a, b)).data()
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < 8; run++) {
    const start = performance.now()
    await product(a, b)
    best = Math.min(best, performance.now() - start)
  }
  return (2 * size ** 3) / (best / 1000)
}

/** How fast a model learns; see {@link throughput}. */
export class Throughput extends Callback {
  /** Known but for the energy, which is looked for when a training begins. */
  override readonly addsLogs = undefined
  readonly #options: ThroughputOptions
  #meter: EnergyMeter | string | undefined
  #peak: number | undefined
  #batches = 0
  #started = 0
  #ended = 0
  #isWarm = false

  constructor(options: ThroughputOptions) {
    super()
    checkOptions('throughput', options, throughputChecks)
    this.#options = options
  }

  /** Why the energy cannot be read; undefined where it can, where it is not asked for, and before a training has begun. */
  get energyMissing(): string | undefined {
    return typeof this.#meter === 'string' ? this.#meter : undefined
  }

  override async onTrainBegin(): Promise<void> {
    const { energy = true, flopsPerToken, peakFlops } = this.#options
    this.#isWarm = false
    if (flopsPerToken !== undefined) this.#peak = peakFlops ?? (await matmulFlops())
    if (!energy) return
    this.#meter = await energyMeter()
  }

  override async onEpochBegin(): Promise<void> {
    await this.#start()
  }

  async #start(): Promise<void> {
    this.#batches = 0
    this.#started = performance.now()
    this.#ended = this.#started
    if (typeof this.#meter === 'object') await this.#meter.read()
  }

  override async onTrainBatchEnd(): Promise<void> {
    // The first step is compiled: it says nothing of the others.
    if (!this.#isWarm) {
      this.#isWarm = true
      await this.#start()
      return
    }
    this.#batches += 1
    this.#ended = performance.now()
  }

  override async onEpochEnd(_epoch: number, logs: Record<string, number>): Promise<void> {
    if (this.#batches === 0) return
    const { tokensPerBatch, flopsPerToken } = this.#options
    const tokens = this.#batches * tokensPerBatch
    const speed = tokens / ((this.#ended - this.#started) / 1000)
    logs.tokens_per_second = speed
    if (flopsPerToken !== undefined && this.#peak !== undefined)
      logs.mfu = (speed * flopsPerToken) / this.#peak
    const joules = typeof this.#meter === 'object' ? await this.#meter.read() : undefined
    // With a validation in between it is in them too, as in what the machine does besides.
    if (joules !== undefined) logs.joules_per_token = joules / tokens
  }
}

/**
 * Adds to the logs of each epoch how many tokens a second the model has learned from (`tokens_per_second`, the wait for data
 * included, the first step with its compilation left out), how much that is of what the machine's matrix product could do
 * (`mfu`, model FLOPs utilisation: Chowdhery et al. 2022, PaLM, appendix B, https://arxiv.org/abs/2204.02311), and the energy
 * of the processors, where the system tells it (`joules_per_token`; else `energyMissing` says why it does not).
 *
 * @throws ArgumentError for options that are none.
 * @example
 * const speed = throughput({ tokensPerBatch: 12 * 64, flopsPerToken: flopsPerToken(model, 64) })
 * await model.fit(batches, { callbacks: [speed] })
 */
export const throughput = (options: ThroughputOptions): Throughput => new Throughput(options)
