import { hostRandom } from 'typegrad/core'
import { expect, test } from 'vitest'
import { numbers, output } from '../program.ts'
import { sensors, simulatedLife } from './run-to-failure/machines.ts'

test('machines live as the formula says: hundreds of hours, warmer at their end', () => {
  const below = hostRandom(3)
  const lives = Array.from({ length: 60 }, () => simulatedLife(below))
  const mean = lives.reduce((sum, { hours }) => sum + hours.length, 0) / lives.length
  expect(mean).toBeGreaterThan(250)
  expect(mean).toBeLessThan(550)
  expect(lives[0]?.hours[0]).toHaveLength(sensors.length)
  // Temperature less what the load makes of it, over the first and the last 20 hours of all.
  const warmth = (from: number, to?: number) => {
    const rows = lives.flatMap(({ hours }) => hours.slice(from, to)).filter((row) => !row.includes(0))
    return rows.reduce((sum, row) => sum + (row[1] as number) - 20 * (row[0] as number), 0) / rows.length
  }
  expect(warmth(-20) - warmth(0, 20)).toBeGreaterThan(8)
})

test('on a small budget the net knows more than the age', async () => {
  const budget = ['--machines', '50', '--judged', '30', '--epochs', '4', '--seeds', '1']
  const text = await output('manufacturing/run-to-failure.ts', ...budget)
  const row = (way: string) => numbers(text, new RegExp(`^${way} +([\\d.]+) ± [\\d.]+ +([\\d.]+)`, 'm'))
  const [[byAge = 0, costByAge = 0], [byNet = 99, costByNet = 99]] = [row('age'), row('recurrent')]
  expect(byNet, text).toBeLessThan(byAge)
  expect(costByNet, text).toBeLessThan(costByAge)
})
