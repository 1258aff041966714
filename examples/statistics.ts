// Figures of several runs.
import { percent } from './text.ts'

/** Mean and standard deviation (of a sample) of numbers; of a single one the deviation is 0. */
export function spreadOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) }
}

/** Mean and standard deviation, as tables show them: `15.7 ± 0.8`. */
export function withSpread(values: readonly number[], digits: number): string {
  const { mean, deviation } = spreadOf(values)
  return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`
}

/** Shares as `99.2 % ± 0.3`, and a single one without its spread. */
export function percentSpread(shares: readonly number[], digits = 1): string {
  const { mean, deviation } = spreadOf(shares)
  const middle = percent(mean, digits)
  return shares.length === 1 ? middle : `${middle} ± ${(100 * deviation).toFixed(digits)}`
}
