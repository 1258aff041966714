import { expect, test } from 'vitest'
import { isWhole } from '../../tools/whole-tests.ts'
import { output } from '../program.ts'
import { bestLevel, costOf, lastWeek } from './demand/order.ts'

test('an order up to the best level costs least', () => {
  expect(bestLevel).toBe(0.8)
  // Demand of 1 to 100, each as likely.
  const mean = (order: number): number =>
    Array.from({ length: 100 }, (_, i) => costOf(order, i + 1)).reduce((a, b) => a + b, 0)
  const orders = Array.from({ length: 100 }, (_, i) => i + 1)
  expect(orders.reduce((best, order) => (mean(order) < mean(best) ? order : best))).toBe(80)
  expect(lastWeek([10, 20, 30, 40, 50, 60, 70], 0.2)).toBe(12)
})

test.runIf(isWhole)('forecasts cost less than the rule', { timeout: 300_000 }, async () => {
  const text = await output('retail/demand.ts')
  expect(Number(/: (\d+) % less/.exec(text)?.[1])).toBeGreaterThan(15)
})
