import { type EnergyMeter, energyMeter } from 'typegrad/formats'

/** Adds up the energy of a training. Counters run over after some minutes: they are read now and then. */
export class EnergyUse {
  readonly #meter: EnergyMeter | undefined
  #sum: Promise<number | undefined>

  /** @param meter what counts. Default what the system has. */
  static async begin(meter?: EnergyMeter): Promise<EnergyUse> {
    const own = meter ?? (await energyMeter())
    return new EnergyUse(typeof own === 'string' ? undefined : own)
  }

  private constructor(meter: EnergyMeter | undefined) {
    this.#meter = meter
    // What was before the beginning does not count.
    this.#sum = Promise.resolve(meter?.read()).then((read) => (read === undefined ? undefined : 0))
  }

  /** Reads the counters. */
  note(): void {
    this.#sum = this.#sum.then(async (sum) => {
      const read = sum === undefined ? undefined : await this.#meter?.read()
      return sum === undefined || read === undefined ? undefined : sum + read
    })
    // A meter that fails is told by `joules`.
    this.#sum.catch(() => {})
  }

  /** Joules since the beginning; undefined where they cannot be read, or not all the time. */
  async joules(): Promise<number | undefined> {
    this.note()
    return await this.#sum
  }
}
