import type { Quantiles } from '../baselines/baseline.ts'

/** Quantiles that were forecast, and what came. */
export interface KnownForecast {
  readonly actual: Float64Array
  readonly quantiles: Quantiles
  /** The size of the series' changes. */
  readonly scale: number
  /** The period that is forecast first. */
  readonly origin: number
}
