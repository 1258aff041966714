import { expect, test } from 'vitest'
import { drawn, drawnRow } from './digit-drawing.ts'

// Unicode numbers the dots of a Braille character 1 2 3 7 down its left column and 4 5 6 8 down its right one; dot n is
// bit n − 1 above U+2800.
test.each([
  [[0, 1, 2, 3, 4, 5, 6, 7], '⣿'],
  [[0], '⠁'],
  [[1], '⠈'],
  [[2, 4], '⠆'],
  [[6], '⡀'],
  [[7], '⢀'],
  [[], '⠀'],
])('pixels %j of 4 × 2 are %s', (ink, character) => {
  const image = Float32Array.from({ length: 8 }, (_, i) => (ink.includes(i as never) ? 200 : 40))
  // Nothing is above half of the brightest where all is equally grey but for what the picture shows.
  expect(drawn({ image: ink.length === 0 ? new Float32Array(8) : image, width: 2, height: 4 })).toEqual([
    character,
  ])
})

test('sizes that are no multiples of a character are filled up', () => {
  const lines = drawn({ image: new Uint8Array(15).fill(9), width: 3, height: 5 })
  expect(lines).toEqual(['⣿⡇', '⠉⠁'])
})

test('as many pictures as fit, above their captions', () => {
  const picture = { image: new Uint8Array(784), width: 28, height: 28, caption: '7' }
  const row = (columns: number) => drawnRow(new Array(10).fill(picture), columns).split('\n')
  for (const columns of [50, 80, 120]) {
    const lines = row(columns)
    expect(lines).toHaveLength(8)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
    expect(lines.at(-1)?.match(/7/g)).toHaveLength(Math.floor((columns + 2) / 16))
  }
  expect(row(3).at(-1)?.trim()).toBe('7')
})
