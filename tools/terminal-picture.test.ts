import { expect, test } from 'vitest'
import { screenOf, terminalSvg } from './terminal-picture.ts'

test('lines are drawn over, cleared and gone up to', () => {
  expect(screenOf('one\r\ntwo\r\n')).toEqual(['one', 'two'])
  expect(screenOf('reading data …\r1/2 loss\x1b[K')).toEqual(['1/2 loss'])
  expect(screenOf('abc\rx')).toEqual(['xbc'])
  // Two lines that a drawing of one line takes the place of.
  expect(screenOf('top\r\n1/2\r\nloss: 3\r\x1b[1A2/2\x1b[K\x1b[J')).toEqual(['top', '2/2'])
  expect(screenOf('\x1b[?25l\x1b[32mgreen\x1b[0m')).toEqual(['green'])
})

test('a picture has each line at its place, escaped', () => {
  const svg = terminalSvg(['<a>', '', '  b'], 10)
  expect(svg.match(/<text /g)).toHaveLength(2)
  expect(svg).toContain('&lt;a&gt;')
  const places = [...svg.matchAll(/<text x="([\d.]+)" y="(\d+)"/g)].map(([, x, y]) => [Number(x), Number(y)])
  // Two letters of 8.4 to the right, two lines of 18 below.
  expect(places[1]?.[0]).toBeCloseTo((places[0]?.[0] ?? 0) + 16.8)
  expect(places[1]?.[1]).toBe((places[0]?.[1] ?? 0) + 36)
})
