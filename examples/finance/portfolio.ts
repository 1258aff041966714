// How much of which stocks for whom? Weights that fit how much risk a person will bear, found by gradients, judged in years not seen.
//
//   npx tsx examples/finance/portfolio.ts
//   npx tsx examples/finance/portfolio.ts --years 4 --steps 200    a quick look
//
// Each year the weights of 20 stocks and of money that earns nothing are found on the five years before: the largest mean logarithm of
// growth at a volatility that the profile allows. They are held for the year that follows. The simple method holds all stocks alike, and
// as much money beside them as makes their volatility of the five years what is allowed. Prices as for market.ts.
//
// 2026-11-30, 10 s, 27 years: at 6.7, 13.3 and 18.7 % of allowed volatility the weights had 7.8, 15.6 and 20.7 % and earned 7.2, 14.1 and
// 15.0 % a year; the simple method had 7.9, 15.1 and 17.2 % and earned 6.4, 12.6 and 15.0 %. Risk that is learned from the past is
// exceeded in years that are worse: by a tenth to a sixth, by both.
import { compile, optimizers, type Tensor, tensor, Variable, valueAndGrad, zeros } from 'typegrad'
import { programOptions } from '../options.ts'
import { table } from '../table.ts'
import { percent } from '../text.ts'
import { earned, type Period, performance } from './market/backtest.ts'
import { loadPrices } from './market/prices.ts'

const options = programOptions({
  years: 27, // that are judged, the last ones
  steps: 600, // of the search, each year
  cost: 0.001, // of what is bought or sold
})

/** What a person answers makes a profile; each answer counts from 0 to 4. */
const profiles = {
  /** Needs the money within three years, sold everything in the last fall: 2 of 12. */
  careful: { answers: { horizon: 0, loss: 1, income: 1 } },
  /** Ten years, waited the last fall out: 7 of 12. */
  balanced: { answers: { horizon: 2, loss: 2, income: 3 } },
  /** Thirty years, bought in the last fall: 11 of 12. */
  bold: { answers: { horizon: 4, loss: 4, income: 3 } },
} as const
const names = Object.keys(profiles) as readonly (keyof typeof profiles)[]
/** From 4 to 20 in a hundred a year, by the sum of the answers. */
const allowed = names.map((name) => {
  const { horizon, loss, income } = profiles[name].answers
  return 0.04 + (0.16 * (horizon + loss + income)) / 12
})

const { stocks, prices } = await loadPrices().catch((error: unknown) => {
  console.error((error as Error).message)
  process.exit(1)
})
const [week, year, learned] = [5, 252, 5 * 252]
const perYear = year / week

/** What a unit of each stock becomes in the week that ends at a day. */
const growthTo = (day: number): readonly number[] =>
  stocks.map((_, s) => (prices[day]?.[s] as number) / (prices[day - week]?.[s] as number))
const weeksOf = (from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / week) }, (_, i) => growthTo(from + (i + 1) * week))

// A row for each profile; the last column is the money that earns nothing.
const free = new Variable(zeros([names.length, stocks.length + 1]))
const optimizer = optimizers.adam({ learningRate: 0.05 })
const weightsOf = (): Tensor => free.value.softmax(-1)
const limit = tensor(allowed)
/** One step of the search; returns are (weeks, stocks), less one. */
const search = compile((returns: Tensor) => {
  const { value, grads } = valueAndGrad(() => {
    const held = weightsOf().slice([0, 0], [names.length, stocks.length])
    const growth = returns.matmul(held.transpose()) // (weeks, profiles)
    const volatility = growth.sub(growth.mean(0)).square().mean(0).mul(perYear).sqrt()
    const tooMuch = volatility.sub(limit).relu()
    return tooMuch.mul(20).sub(growth.add(1).log().mean(0).mul(perYear)).sum()
  }, [free])
  optimizer.apply(grads, [free])
  return value
})

const held: Record<'learned' | 'simple', Period[][]> = {
  learned: names.map(() => []),
  simple: names.map(() => []),
}
const first = Math.max(learned, prices.length - 1 - options.years * year)
for (let day = first; day + year < prices.length; day += year) {
  const before = weeksOf(day - learned, day)
  const returns = tensor(before.map((growth) => growth.map((factor) => factor - 1)))
  free.assign(zeros([names.length, stocks.length + 1]))
  for (let i = 0; i < options.steps; i++) await search(returns)
  const weights = (await weightsOf().toArray()) as number[][]
  const { volatility } = performance(
    before.map((growth) => growth.reduce((a, b) => a + b) / stocks.length),
    perYear,
  )
  for (const growth of weeksOf(day, day + year))
    for (const [p, most] of allowed.entries()) {
      held.learned[p]?.push({ weights: (weights[p] as number[]).slice(0, -1), growth })
      const part = Math.min(1, most / volatility) / stocks.length
      held.simple[p]?.push({ weights: stocks.map(() => part), growth })
    }
}

const rows = names.flatMap((name, p) =>
  (['simple', 'learned'] as const).map((way) => {
    const { growth, traded } = earned(held[way][p] ?? [], options.cost)
    const { yearly, volatility, drawdown } = performance(growth, perYear)
    const turnover = (traded * perYear) / growth.length
    return [
      `${name}, ${way}`,
      percent(allowed[p] as number, 1),
      percent(volatility, 1),
      percent(yearly, 1),
      percent(drawdown, 1),
      turnover.toFixed(1),
    ]
  }),
)
console.log(`${Math.round((held.simple[0]?.length ?? 0) / perYear)} years, 20 stocks and money\n`)
console.log(table(['', 'allowed', 'volatility', 'a year', 'drawdown', 'traded'], rows))
