import type { Score } from './interval.ts'

/** A metric with its interval, for people: `RMSE 0.9123 (0.9040 to 0.9201)`. */
export const scoreText = ({ metric, value, low, high }: Score): string =>
  `${metric} ${value.toPrecision(4)} (${low.toPrecision(4)} to ${high.toPrecision(4)})`
