/** Labels and predictions at random, as losses and metrics take them. */
import type { ArrayJson } from '../arrays.ts'
import type { JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { arrayOf } from './objects.ts'

/** What a loss or a metric wants to see. */
export type Labels =
  /** Any numbers on both sides. */
  | 'numbers'
  /** Numbers above 0 on both sides. */
  | 'positive'
  /** 0 and 1, against probabilities. */
  | 'binary'
  /** 0 and 1, or −1 and 1, against any number. */
  | 'signed'
  /** One class of several, one-hot, against probabilities of the classes. */
  | 'oneHot'
  /** One class of several, by its number, against probabilities of the classes. */
  | 'sparse'
  /** Classes by number on both sides. */
  | 'classes'

export interface Judged extends JsonObject {
  readonly yTrue: ArrayJson
  readonly yPred: ArrayJson
}

/** Shapes that labels and predictions have in a training: a sample's last axis holds classes or features. */
export const shapeOf = (random: Random, least = 1): number[] => [
  random.int(1, 5),
  ...random.pick([[], [], [], [random.int(1, 3)], [2, 2]]),
  random.int(least, 4),
]

export function judged(
  random: Random,
  labels: Labels,
  shape: readonly number[],
  { logits = false, sloppy = random.chance(0.1), column = true } = {},
): Judged {
  const unit = (): number => (sloppy && random.chance(0.3) ? random.int(0, 1) : random.int(1, 1023) / 1024)
  const prediction = (): number => (logits ? random.value(3) : unit())
  const classes = shape.at(-1) as number
  const outer = shape.slice(0, -1)
  const softmaxed = (): ArrayJson => arrayOf(shape, 'float32', prediction)
  switch (labels) {
    case 'numbers':
      return {
        yTrue: arrayOf(shape, 'float32', () => random.value()),
        yPred: arrayOf(shape, 'float32', () => random.value()),
      }
    case 'positive':
      return { yTrue: arrayOf(shape, 'float32', unit), yPred: arrayOf(shape, 'float32', unit) }
    case 'binary':
      return {
        yTrue: arrayOf(shape, random.pick(['float32', 'float32', 'int32']), () => random.int(0, 1)),
        yPred: softmaxed(),
      }
    case 'signed': {
      const low = random.pick([0, -1])
      return {
        yTrue: arrayOf(shape, 'float32', () => (random.chance(0.5) ? 1 : low)),
        yPred: arrayOf(shape, 'float32', () => random.value()),
      }
    }
    case 'oneHot': {
      const which = Array.from({ length: outer.reduce((a, b) => a * b, 1) }, () => random.int(0, classes - 1))
      let at = 0
      return {
        yTrue: arrayOf(shape, 'float32', () => {
          const i = at++
          return which[Math.floor(i / classes)] === i % classes ? 1 : 0
        }),
        yPred: softmaxed(),
      }
    }
    case 'sparse': {
      const labelShape = random.chance(0.3) && column ? [...outer, 1] : outer
      return {
        yTrue: arrayOf(labelShape, random.pick(['int32', 'float32', 'int64']), () =>
          random.int(0, classes - 1),
        ),
        yPred: softmaxed(),
      }
    }
    case 'classes':
      return {
        yTrue: arrayOf(shape, 'int32', () => random.int(0, 2)),
        yPred: arrayOf(shape, random.pick(['int32', 'float32']), () => random.int(0, 2)),
      }
  }
}

/**
 * A weight for each sample, or for each value of a loss (all axes but the last). One of shape (batch,) is only
 * for values of rank 1, one of shape (batch, 1) for those of rank 1 and 2: Keras aligns it with the last axes of others, and
 * so mixes samples.
 */
export const sampleWeightOf = (random: Random, shape: readonly number[]): ArrayJson => {
  const [samples = 1] = shape
  const column = shape.length === 2 || shape.length === 3 ? [[samples, 1]] : []
  const each = shape.length === 2 ? [[samples], [samples]] : []
  const shapes = [...each, shape.slice(0, -1), ...column]
  return arrayOf(random.pick(shapes), random.pick(['float32', 'float32', 'int32']), () => random.int(0, 3))
}
