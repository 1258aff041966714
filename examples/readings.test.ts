import { expect, test } from 'vitest'
import { confusionOf, isRight, readings, rightOfEachClass, surestFirst } from './readings.ts'

const digits = {
  images: Uint8Array.from({ length: 4 * 784 }, (_, i) => Math.floor(i / 784)),
  imagesShape: [4, 28, 28, 1],
  labels: Uint8Array.of(3, 3, 8, 3),
} as const
/** Each row gives `guess` the probability p and the rest in equal parts to the others. */
const sure = ([guess, p]: readonly [number, number]): number[] =>
  Array.from({ length: 10 }, (_, i) => (i === guess ? p : (1 - p) / 9))
const all = readings(
  digits,
  [[3, 0.9] as const, [8, 0.6] as const, [8, 0.7] as const, [5, 0.8] as const].flatMap(sure),
)

test('readings are the most probable classes with their pictures', () => {
  expect(all.map(({ label, guess, confidence, image }) => [label, guess, confidence, image[783]])).toEqual([
    [3, 3, 0.9, 0],
    [3, 8, 0.6, 1],
    [8, 8, 0.7, 2],
    [3, 5, 0.8, 3],
  ])
})

test('right ones by class, wrong ones by confidence, and all counted', () => {
  expect(rightOfEachClass(all, 10, 1).map(({ label }) => label)).toEqual([3, 8])
  const wrong = surestFirst(all.filter((reading) => !isRight(reading)))
  expect(wrong.map(({ guess }) => guess)).toEqual([5, 8])
  const confusion = confusionOf(all, 10)
  expect(confusion[3]).toEqual([0, 0, 0, 1, 0, 1, 0, 0, 1, 0])
  expect(confusion[8]?.[8]).toBe(1)
  expect(confusion.flat().reduce((a, b) => a + b)).toBe(4)
})
