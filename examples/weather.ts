// How warm will the next seven days be? A GRU looks at four weeks of Seattle's weather, and has to beat the forecasts
// that cost nothing: as on the same day a year ago (seasonal-naive), as usual in that season, and as today.
//
//   npx tsx examples/weather.ts
//
// 2026-11-25: a mean error of 2.81 °C over the seven days, where the seasonal-naive forecast makes 3.79, the mean of the
// season 3.25 and persistence 3.40.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { callbacks, layers, sequential, setRandomSeed, tensor } from 'typegrad'
import { programOptions } from './options.ts'
import { table } from './table.ts'

const options = programOptions({
  epochs: 60,
  output: 'runs/weather',
})
const past = 28 // days that the net sees
const horizon = 7 // days that it forecasts
const year = 365

// Four years of days, 2012 to 2015: date, precipitation (mm), highest and lowest temperature (°C), wind, kind of weather.
const file = createRequire(import.meta.url)
  .resolve('vega-datasets')
  .replace(/build.*$/, 'data/seattle-weather.csv')
const days = (await readFile(file, 'utf8'))
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .map(([date = '', ...values]) => {
    const [rain = 0, warmest = 0, coldest = 0, wind = 0] = values.map(Number)
    const season = (2 * Math.PI * Date.parse(date)) / (365.25 * 24 * 3600e3)
    return {
      date,
      warmest,
      features: [warmest, coldest, Math.log1p(rain), wind, Math.sin(season), Math.cos(season)],
    }
  })
const warmest = days.map((day) => day.warmest)

// The split is one in time: 2012 to 2014 to learn from, 2015 to be judged on. The last 120 days of 2014 decide when to stop.
const firstTest = days.findIndex(({ date }) => date.startsWith('2015'))
const firstValidation = firstTest - 120

// The scale is that of the days that the net learns from.
const width = days[0]?.features.length ?? 0
const learned = days.slice(0, firstValidation)
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const centre = Array.from({ length: width }, (_, f) => mean(learned.map(({ features }) => features[f] ?? 0)))
const spread = centre.map((c, f) =>
  Math.sqrt(mean(learned.map(({ features }) => ((features[f] ?? 0) - c) ** 2))),
)
const [meanWarmth = 0] = centre
const [spreadWarmth = 1] = spread
const scaled = days.map(({ features }) =>
  features.map((value, f) => (value - (centre[f] ?? 0)) / (spread[f] ?? 1)),
)

/** Forecasts whose first day is from `first` on and whose last day is before `end`: no target is in two parts. */
function windows(first: number, end: number) {
  const starts = Array.from({ length: end - horizon - first + 1 }, (_, i) => first + i)
  return {
    starts,
    x: tensor(starts.map((start) => scaled.slice(start - past, start))), // (windows, past, features)
    y: tensor(starts.map((start) => scaled.slice(start, start + horizon).map(([warmth = 0]) => warmth))), // (windows, horizon)
  }
}
const train = windows(past, firstValidation)
const validation = windows(firstValidation, firstTest)
const test = windows(firstTest, days.length)

setRandomSeed(42)
const model = sequential([
  layers.gru({ units: 32, dropout: 0.1, recurrentDropout: 0.1, inputShape: [past, width] }), // (windows, 32)
  layers.dropout({ rate: 0.2 }),
  layers.dense({ units: horizon }), // (windows, horizon)
])
model.compile({ optimizer: 'adam', loss: 'meanAbsoluteError' })
const { epoch } = await model.fit(train.x, train.y, {
  epochs: options.epochs,
  validationData: [validation.x, validation.y],
  verbose: 2,
  callbacks: [callbacks.earlyStopping({ monitor: 'val_loss', patience: 10, restoreBestWeights: true })],
})

/** What the learned years had within a week of this time of the year. */
const season = (day: number): number[] =>
  warmest.slice(0, firstValidation).filter((_, i) => Math.abs(((day - i + 7) % 365.25) - 7) <= 7)

// All forecasts in °C, for each of the seven days ahead.
const predicted = await (await model.predict(test.x)).data() // (windows, horizon)
const forecasts: Record<string, (window: number, start: number, ahead: number) => number> = {
  'GRU on four weeks': (window, _, ahead) =>
    meanWarmth + spreadWarmth * Number(predicted[window * horizon + ahead]),
  'as a year ago (seasonal-naive)': (_, start, ahead) => warmest[start + ahead - year] ?? 0,
  'mean of the season': (_, start, ahead) => mean(season(start + ahead)),
  'as today (persistence)': (_, start) => warmest[start - 1] ?? 0,
}
const ahead = Array.from({ length: horizon }, (_, i) => i)
const rows = Object.entries(forecasts).map(([name, forecast]) => {
  const errors = ahead.map((k) =>
    mean(test.starts.map((start, i) => Math.abs(forecast(i, start, k) - (warmest[start + k] ?? 0)))),
  )
  return [name, mean(errors).toFixed(2), ...errors.map((error) => error.toFixed(2))]
})
console.log(
  `\nstopped after ${epoch.length} epochs; mean absolute error in °C on ${test.starts.length} weeks of 2015`,
)
console.log(table(['forecast', 'all', ...ahead.map((k) => `day ${k + 1}`)], rows))

await mkdir(options.output, { recursive: true })
const lines = test.starts.map((start, i) =>
  [
    days[start]?.date,
    warmest[start],
    ...Object.values(forecasts).map((forecast) => forecast(i, start, 0).toFixed(1)),
  ].join(),
)
const csv = join(options.output, 'tomorrow.csv')
await writeFile(csv, `date,warmest,${Object.keys(forecasts).join()}\n${lines.join('\n')}\n`)
console.log(`wrote ${csv}`)
