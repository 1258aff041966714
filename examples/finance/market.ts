// Can a net tell which stocks will do better next week? Walked forward over 22 years, with costs, beside what needs no net.
//
//   npx tsx examples/finance/market.ts
//   npx tsx examples/finance/market.ts --epochs 1 --from 2018    a quick look
//
// Every year the net learns from all years before, and chooses 5 of 20 stocks each week of the year that follows. It reads what was known
// at the close of a day; the stocks are bought at the close of the next. The first run fetches 1 MB by Python's pip
// (market/prices.ts says where the prices are from, and what they cannot tell).
//
// 2026-11-30, a minute of an Intel Xeon, 1,105 weeks: 14.1 % a year by the net, 13.2 % where all stocks are held alike, which is no gain
// that could be told from chance (-3.8 to 6.3 % a year); 5.1 % by the S&P 500 without dividends. What the net sees is there (20.9 % without
// costs) and is not worth what trading costs. Momentum, a rule of one line, has 18.1 % (-0.4 to 10.0 % more).
import { layers, optimizers, type Sequential, sequential, setRandomSeed, tensor } from 'typegrad'
import { programOptions } from '../options.ts'
import { table } from '../table.ts'
import { percent } from '../text.ts'
import { earned, gainInterval, type Period, performance } from './market/backtest.ts'
import { loadPrices } from './market/prices.ts'

const options = programOptions({
  from: 2001, // the first year that is judged
  chosen: 5, // stocks that are held
  cost: 0.001, // of what is bought or sold
  epochs: 4,
  nets: 5, // whose scores are averaged
  seed: 1,
})

const { dates, stocks, prices, index } = await loadPrices().catch((error: unknown) => {
  console.error((error as Error).message)
  process.exit(1)
})
/** Days from one decision to the next; a year has about 252. */
const week = 5
const perYear = 252 / week
/** Days back that are looked at. */
const longest = 252

/** Numbers less their mean, by their deviation: what one stock has more than the others. */
function beside(values: readonly number[]): readonly number[] {
  const mean = values.reduce((a, b) => a + b) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return values.map((value) => (value - mean) / (deviation + 1e-9))
}

const logReturn = (stock: number, from: number, to: number): number =>
  Math.log((prices[to]?.[stock] as number) / (prices[from]?.[stock] as number))
const volatility = (stock: number, day: number, days: number): number => {
  const returns = Array.from({ length: days }, (_, i) => logReturn(stock, day - i - 1, day - i))
  return Math.sqrt(returns.reduce((sum, value) => sum + value ** 2, 0) / days)
}

/** What is known of a stock at the close of a day. */
const features: readonly ((stock: number, day: number) => number)[] = [
  ...[1, 5, 20, 60, 120, longest].map(
    (days) => (stock: number, day: number) => logReturn(stock, day - days, day),
  ),
  ...[20, 60].map((days) => (stock: number, day: number) => volatility(stock, day, days)),
  // How far it is from the highest price of the year.
  (stock, day) => {
    const year = prices.slice(day - longest, day + 1).map((row) => row[stock] as number)
    return Math.log((prices[day]?.[stock] as number) / Math.max(...year))
  },
]

interface Decision {
  readonly day: number
  readonly year: number
  /** (stocks, features), each feature beside those of the other stocks. */
  readonly known: readonly (readonly number[])[]
  /** What a unit of each stock becomes from the close of the next day until the decision after takes effect. */
  readonly growth: readonly number[]
  readonly indexGrowth: number
}
const decisions: Decision[] = []
for (let day = longest; day + 1 + week < prices.length; day += week) {
  const columns = features.map((feature) => beside(stocks.map((_, s) => feature(s, day))))
  decisions.push({
    day,
    year: (dates[day] as Date).getUTCFullYear(),
    known: stocks.map((_, s) => columns.map((column) => column[s] as number)),
    growth: stocks.map((_, s) => Math.exp(logReturn(s, day + 1, day + 1 + week))),
    indexGrowth: (index[day + 1 + week] as number) / (index[day + 1] as number),
  })
}

/** Scores a stock by what is known of it. */
function scorer(): Sequential {
  const net = sequential([
    layers.dense({ units: 32, activation: 'silu', inputShape: [features.length] }),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 16, activation: 'silu' }),
    layers.dense({ units: 1 }),
  ])
  net.compile({ optimizer: optimizers.adamw({ learningRate: 1e-3, weightDecay: 0.01 }), loss: 'mse' })
  return net
}

const judged = decisions.filter(({ year }) => year >= options.from)
const scores = new Map<Decision, readonly number[]>()
for (const year of new Set(judged.map((one) => one.year))) {
  // The last week of the year before would reach into this one.
  const before = decisions.filter((one) => one.year < year).slice(0, -1)
  const x = tensor(before.flatMap(({ known }) => known.map((row) => [...row])))
  const y = tensor(before.flatMap(({ growth }) => beside(growth.map(Math.log)).map((value) => [value])))
  const now = judged.filter((one) => one.year === year)
  const asked = tensor(now.flatMap(({ known }) => known.map((row) => [...row])))
  const sums = new Float64Array(now.length * stocks.length)
  for (let i = 0; i < options.nets; i++) {
    setRandomSeed(options.seed + i)
    const net = scorer()
    await net.fit(x, y, { epochs: options.epochs, batchSize: 256, verbose: 0 })
    for (const [k, score] of (await (await net.predict(asked)).data()).entries())
      sums[k] = (sums[k] as number) + Number(score)
  }
  for (const [i, decision] of now.entries())
    scores.set(decision, Array.from(sums.subarray(i * stocks.length, (i + 1) * stocks.length)))
}

/** The money in equal parts in the stocks that have the highest scores. */
function best(of: readonly number[]): readonly number[] {
  const order = of.map((_, s) => s).toSorted((a, b) => (of[b] as number) - (of[a] as number))
  const held = new Set(order.slice(0, options.chosen))
  return of.map((_, s) => (held.has(s) ? 1 / options.chosen : 0))
}
const ways: Readonly<Record<string, (decision: Decision) => readonly number[]>> = {
  'all alike': () => stocks.map(() => 1 / stocks.length),
  // A year's gain without the last month (Jegadeesh and Titman 1993, https://doi.org/10.1111/j.1540-6261.1993.tb04702.x).
  momentum: ({ day }) => best(stocks.map((_, s) => logReturn(s, day - longest, day - 20))),
  net: (decision) => best(scores.get(decision) as readonly number[]),
}
const rows: string[][] = []
const share = (value: number) => percent(value, 1)
const row = (name: string, growth: readonly number[], traded: number, gain: string) => {
  const { yearly, volatility: deviation, drawdown } = performance(growth, perYear)
  const turnover = (traded * perYear) / growth.length
  rows.push([name, share(yearly), share(deviation), share(drawdown), turnover.toFixed(1), gain])
}
row(
  'S&P 500, no dividends',
  judged.map(({ indexGrowth }) => indexGrowth),
  0,
  '',
)
let alike: readonly number[] = []
for (const [name, weightsOf] of Object.entries(ways)) {
  const periods = judged.map(
    (decision): Period => ({ weights: weightsOf(decision), growth: decision.growth }),
  )
  const { growth, traded } = earned(periods, options.cost)
  if (name === 'all alike') alike = growth
  const [low, high] = gainInterval(growth, alike, perYear)
  row(name, growth, traded, name === 'all alike' ? '' : `${share(low)} to ${share(high)}`)
  if (name === 'net') row('net, without costs', earned(periods, 0).growth, traded, '')
}
console.log(`${judged.length} weeks from ${options.from} on\n`)
console.log(table(['', 'a year', 'volatility', 'drawdown', 'traded', 'more than all alike'], rows))
