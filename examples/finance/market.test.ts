import { expect, test } from 'vitest'
import { numbers, output } from '../program.ts'
import { loadPrices } from './market/prices.ts'

const missing = await loadPrices().then(
  () => undefined,
  (error: unknown) => (error as Error).message,
)

test('prices are those of the package', async ({ skip }) => {
  if (missing !== undefined) return skip(missing)
  const { dates, stocks, prices, index } = await loadPrices()
  expect([dates.length, stocks.length, prices.length, index.length]).toEqual([8313, 20, 8313, 8313])
  expect(dates[0]?.toISOString().slice(0, 10)).toBe('1990-01-02')
  expect([stocks[0], prices[0]?.[0], index[0]]).toEqual(['AAPL', 0.264, 359.69])
  expect(prices.flat().every((price) => price > 0)).toBe(true)
})

test('on a small budget the years that follow are judged, with costs', async ({ skip }) => {
  if (missing !== undefined) return skip(missing)
  const text = await output('finance/market.ts', '--from', '2021', '--nets', '1', '--epochs', '1')
  const row = (way: string) => numbers(text, new RegExp(`^${way} +(-?[\\d.]+)\\s% +([\\d.]+)\\s%`, 'm'))
  // 2021 and 2022: the index from 3,756 to 3,840; all alike do not depend on the net.
  const [index = 0, volatility = 0] = row('S&P 500, no dividends')
  expect(Math.abs(index - 2), text).toBeLessThan(2.5)
  expect(volatility).toBeGreaterThan(10)
  expect(row('net')[0], text).toBeLessThan(row('net, without costs')[0] as number)
})

test('bolder profiles bear more, and none much more than is allowed', async ({ skip }) => {
  if (missing !== undefined) return skip(missing)
  const text = await output('finance/portfolio.ts', '--years', '3', '--steps', '200')
  const row = (way: string) =>
    numbers(text, new RegExp(`^${way}, learned +([\\d.]+)\\s% +([\\d.]+)\\s%`, 'm'))
  const found = ['careful', 'balanced', 'bold'].map(row)
  expect(found.map(([allowed]) => allowed)).toEqual([6.7, 13.3, 18.7])
  const volatilities = found.map(([, volatility]) => volatility as number)
  expect(volatilities, text).toEqual(volatilities.toSorted((a, b) => a - b))
})
