import { expect, test } from 'vitest'
import { drawSheet } from './picture-sheet.ts'

test('three pictures of 1 × 2 pixels in two columns', () => {
  const sheet = drawSheet({ pictures: [0, 1, 0.5, 2, -1, 0.2], height: 1, width: 2, columns: 2, scale: 1 })
  expect([sheet.width, sheet.height]).toEqual([10, 8])
  const rows = Array.from({ length: sheet.height }, (_, y) => [...sheet.data.subarray(y * 10, y * 10 + 10)])
  const gap = 64
  expect(rows[1]).toEqual(new Array(10).fill(gap))
  expect(rows[2]).toEqual([gap, gap, 0, 255, gap, gap, 128, 255, gap, gap])
  expect(rows[5]).toEqual([gap, gap, 0, 51, gap, gap, gap, gap, gap, gap])
})

test('a pixel becomes a square', () => {
  const { width, data } = drawSheet({ pictures: [1], height: 1, width: 1, columns: 1, scale: 3 })
  expect(width).toBe(7)
  expect(data.filter((value) => value === 255)).toHaveLength(9)
})
