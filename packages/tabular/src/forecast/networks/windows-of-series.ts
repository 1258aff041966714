import { type Tensor, tensor } from 'typegrad'
import { DataError } from 'typegrad/core'
import { nameOfSeries, scaleOf } from '../series/series.ts'
import type { ForecastTask, Past } from '../task.ts'
import type { SeriesFeatures } from './features.ts'

/** Values further from the last one, in the window's scale, are taken as so far. */
const furthest = 50

/** Windows as networks are given them, each from its last value and in the scale of its changes. */
export interface WindowBatch {
  /** Values of the past (rows, length), what is known of each step (rows, length + horizon, columns), and what does not change (rows, columns) where there is such. */
  readonly inputs: readonly Tensor[]
  /** What came (rows, horizon), where it is known. */
  readonly targets: Tensor
  /** The last value of each window, and its scale. */
  readonly last: Float64Array
  readonly scale: Float64Array
}

/** Cuts windows out of series. */
export class WindowCutter {
  readonly #task: ForecastTask
  readonly #features: SeriesFeatures
  readonly length: number
  /** What the calendar says, by period. */
  readonly #calendar = new Map<number, readonly number[]>()

  constructor(task: ForecastTask, features: SeriesFeatures, length: number) {
    this.#task = task
    this.#features = features
    this.length = length
  }

  #ofPeriod(period: number): readonly number[] {
    const found = this.#calendar.get(period) ?? this.#features.ofPeriod(period)
    this.#calendar.set(period, found)
    return found
  }

  /** @throws DataError where covariates of the horizon are needed and not known. */
  cut(pasts: readonly Past[]): WindowBatch {
    const { length } = this
    const { horizon, season, covariates } = this.#task
    const rows = pasts.length
    const [known, fixed] = [this.#features.known, this.#features.fixed]
    const steps = length + horizon
    const values = new Float32Array(rows * length)
    const targets = new Float32Array(rows * horizon)
    const beside = new Float32Array(rows * steps * known)
    const unchanging = new Float32Array(rows * fixed)
    const [last, scale] = [new Float64Array(rows), new Float64Array(rows)]
    pasts.forEach(({ series, end }, row) => {
      this.#checkKnown({ series, end })
      const past = series.values.subarray(Math.max(0, end - length), end)
      const [from, size] = [past.at(-1) as number, scaleOf(past, season)]
      last[row] = from
      scale[row] = size
      const scaled = (index: number): number => {
        const value = ((series.values[Math.max(0, index)] ?? from) - from) / size
        return Math.min(Math.max(value, -furthest), furthest)
      }
      for (let step = 0; step < length; step++) values[row * length + step] = scaled(end - length + step)
      for (let step = 0; step < horizon; step++) targets[row * horizon + step] = scaled(end + step)
      for (let step = 0; step < steps; step++) {
        const index = end - length + step
        const at = (row * steps + step) * known
        const calendar = this.#ofPeriod(series.start + index)
        beside.set(calendar, at)
        covariates.forEach((_, i) => {
          beside[at + calendar.length + i] = this.#features.covariate(series, i, index)
        })
        beside[at + known - 1] = Math.max(0, step - length + 1) / horizon
      }
      unchanging.set(this.#features.fixedOf(series), row * fixed)
    })
    return {
      inputs: [
        tensor(values, { shape: [rows, length] }),
        tensor(beside, { shape: [rows, steps, known] }),
        ...(fixed > 0 ? [tensor(unchanging, { shape: [rows, fixed] })] : []),
      ],
      targets: tensor(targets, { shape: [rows, horizon] }),
      last,
      scale,
    }
  }

  #checkKnown({ series, end }: Past): void {
    const { covariates, horizon } = this.#task
    covariates.forEach((name, i) => {
      const known = (series.covariates[i] as Float64Array).length - end
      if (known >= horizon) return
      throw new DataError({
        where: `ForecastModel.predict: ${nameOfSeries(series)}`,
        expected: `'${name}' for the ${horizon} periods that are forecast`,
        received: known <= 0 ? 'none of them' : `${known} of them`,
        fix: 'Give rows of these periods, without a target: model.predict(rows).',
      })
    })
  }
}
