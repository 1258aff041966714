import type { ForecastScore } from './judging/score.ts'
import type { CandidateName } from './names.ts'

/** A model that was tried. */
export interface ForecastCandidateReport {
  readonly name: CandidateName
  /** Its share in the forecasts. */
  readonly weight: number
  /** The mean quantile loss on the windows that models are weighted by, in the series' scales; NaN where there are none. */
  readonly watchedLoss: number
  /** Its measures on the last window. */
  readonly scores: readonly ForecastScore[]
}

/** What was asked, what there was, and what was reached. */
export interface ForecastReport {
  readonly task: {
    readonly target: string
    readonly time: string
    /** As one says it: month, 15 minutes. */
    readonly frequency: string
    readonly season: number
    readonly horizon: number
    readonly levels: readonly number[]
  }
  readonly data: {
    readonly series: number
    readonly values: number
    /** Periods without a value that were filled. */
    readonly filled: number
    /** Rows that were taken together with others. */
    readonly gathered: number
    /** Series whose last window was judged. */
    readonly judged: number
    /** Windows of series by which models were weighted. */
    readonly watched: number
    /** The last period of the table, and its last one with a value. */
    readonly from: string
    readonly to: string
  }
  /** Measures on the last horizon of each series, which nothing was learned from, with intervals of 95 % where there are five series. */
  readonly scores: readonly ForecastScore[]
  readonly candidates: readonly ForecastCandidateReport[]
  /** What should be known of it, in sentences. */
  readonly notes: readonly string[]
  readonly seconds: number
}

const shown = ({ measure, value, low, high }: ForecastScore): string => {
  const own = (number: number): string =>
    measure === 'coverage'
      ? `${(100 * number).toFixed(0)} %`
      : measure === 'sMAPE'
        ? `${number.toFixed(2)} %`
        : number.toPrecision(4)
  return `${measure} ${own(value)}${low === undefined || high === undefined ? '' : ` (${own(low)} to ${own(high)})`}`
}

/** A report in lines. */
export function forecastReportText({
  task,
  data,
  scores,
  candidates,
  notes,
  seconds,
}: ForecastReport): string {
  const [low = 0, high = 1] = [task.levels[0], task.levels.at(-1)]
  const width = Math.max(...candidates.map(({ name }) => name.length))
  return [
    `${task.target}: ${task.horizon} × ${task.frequency} ahead of ${data.series === 1 ? 'one series' : `${data.series} series`}, ${data.values} values from ${data.from} to ${data.to}`,
    `season ${task.season}; judged on the last ${task.horizon} of ${data.judged}, weighted on ${data.watched} windows before; ${seconds.toFixed(1)} s`,
    ...scores.map(
      (score) => `  ${shown(score)}${score.measure === 'coverage' ? ` of quantiles ${low} to ${high}` : ''}`,
    ),
    ...candidates.map(
      ({ name, weight, scores: [first] }) =>
        `  ${name.padEnd(width)}  weight ${weight.toFixed(3)}${first === undefined ? '' : `  ${shown(first)}`}`,
    ),
    ...notes,
  ].join('\n')
}
