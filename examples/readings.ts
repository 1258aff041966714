import type { Digits } from './mnist-data.ts'

/** A picture, what it shows, and what a network takes it for. */
export interface Reading {
  /** Row-major grey values: 0 to 255 in a Uint8Array; in a Float32Array scaled from their minimum to their maximum. */
  readonly image: Uint8Array | Float32Array
  readonly width: number
  readonly height: number
  /** The true class and the guessed one, counted from 0. */
  readonly label: number
  readonly guess: number
  /** The probability that the network gave its guess, 0 to 1. */
  readonly confidence: number
}

/** What a network makes of digits. @param probabilities (count, 10), row by row. */
export function readings({ images, labels }: Digits, probabilities: ArrayLike<number>): Reading[] {
  return Array.from(labels, (label, i) => {
    const row = Array.from({ length: 10 }, (_, digit) => probabilities[i * 10 + digit] ?? 0)
    const confidence = Math.max(...row)
    const image = images.subarray(i * 784, (i + 1) * 784)
    return { image, width: 28, height: 28, label, guess: row.indexOf(confidence), confidence }
  })
}

export const isRight = ({ label, guess }: Reading): boolean => label === guess

export const surestFirst = (some: readonly Reading[]): Reading[] =>
  [...some].sort((a, b) => b.confidence - a.confidence)

/** The first `count` of each class among those that were read right, class by class. */
export function rightOfEachClass(all: readonly Reading[], classes: number, count: number): Reading[] {
  const right = all.filter(isRight)
  return Array.from({ length: classes }, (_, of) =>
    right.filter(({ label }) => label === of).slice(0, count),
  ).flat()
}

/** `confusion[label][guess]`: how often. */
export function confusionOf(all: readonly Reading[], classes: number): number[][] {
  return Array.from({ length: classes }, (_, row) =>
    Array.from(
      { length: classes },
      (_, column) => all.filter(({ label, guess }) => label === row && guess === column).length,
    ),
  )
}
