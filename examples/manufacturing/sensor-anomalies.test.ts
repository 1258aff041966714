import { expect, test } from 'vitest'
import { discords, normalWindows } from './sensor-anomalies/series.ts'

test('windows have mean 0 and deviation 1, and what has not been before is far from all that has', () => {
  const wave = Float32Array.from({ length: 200 }, (_, i) => 5 + 2 * Math.sin(i / 5))
  const [window = new Float32Array()] = normalWindows(wave, 40)
  expect(window.reduce((a, b) => a + b) / 40).toBeCloseTo(0, 5)
  expect(window.reduce((sum, value) => sum + value ** 2, 0) / 40).toBeCloseTo(1, 4)
  const other = wave.slice(0, 160)
  other.fill(5, 100, 110)
  const far = discords({ usual: wave, judged: other }, 20)
  expect(far).toHaveLength(141)
  expect(far.slice(0, 80).every((distance) => distance < 0.3)).toBe(true)
  expect(far.indexOf(Math.max(...far))).toBeGreaterThan(80)
})
