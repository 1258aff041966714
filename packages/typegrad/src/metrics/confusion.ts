import { ArgumentError } from '../base/errors.ts'
import { anything, boolean, needed, number, optionsOf } from '../base/options.ts'
import { alignedOperands } from '../losses/alignment.ts'
import { weightOfEach } from '../losses/reduction.ts'
import { cast } from '../ops/apply.ts'
import { add, maximum, mul, sub } from '../ops/arithmetic.ts'
import { clip, greater, notEqual, where } from '../ops/comparison.ts'
import { ceil } from '../ops/elementwise.ts'
import { cumsum, oneHot, scatterAdd, topK } from '../ops/indexing.ts'
import { matmul } from '../ops/linear-algebra.ts'
import { sum } from '../ops/reduce.ts'
import { broadcastTo, reshape, slice, stack } from '../ops/shape.ts'
import { arange, tensor, zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Stands for the score of what is not among the top k: below all thresholds. */
export const lowest = -1e10

/** What is predicted positive: scores above a threshold, for each of several thresholds. */
export interface ConfusionOptions {
  readonly thresholds: readonly number[]
  /** Whether only the k largest scores of a row count. */
  readonly topK?: number | undefined
  /** Whether only one class (a position along the last axis) counts. */
  readonly classId?: number | undefined
  /** Whether each position along the last axis is counted by itself. */
  readonly multiLabel?: boolean
  /** What each position along the last axis counts. */
  readonly labelWeights?: readonly number[] | undefined
}

export const confusionChecks = optionsOf<ConfusionOptions>()({
  thresholds: needed(anything),
  topK: number,
  classId: number,
  multiLabel: boolean,
  labelWeights: anything,
})

/** Sums of weights: (thresholds), or (thresholds, labels). */
export interface ConfusionCounts {
  readonly truePositives: Tensor
  readonly falsePositives: Tensor
  readonly trueNegatives: Tensor
  readonly falseNegatives: Tensor
}

/** Counts of one batch. Labels count as positive where they are not 0. */
export function confusionCounts(
  name: string,
  yTrue: Tensor,
  yPred: Tensor,
  sampleWeight: Tensor | undefined,
  options: ConfusionOptions,
): ConfusionCounts {
  const { thresholds, multiLabel = false, labelWeights } = options
  let [labels, scores] = alignedOperands(name, yTrue, cast(yPred, 'float32'))
  if (options.topK !== undefined) scores = onlyTop(scores, options.topK)
  if (options.classId !== undefined) {
    labels = onlyClass(name, labels, options.classId)
    scores = onlyClass(name, scores, options.classId)
  }
  let weight: Tensor | undefined
  if (sampleWeight !== undefined) {
    weight = weightOfEach(scores, cast(sampleWeight, 'float32'))
  }
  if (labelWeights !== undefined && !multiLabel) {
    const perLabel = broadcastTo(tensor(labelWeights), scores.shape)
    weight = weight === undefined ? perLabel : mul(weight, perLabel)
  }
  const positive = cast(notEqual(labels, 0), 'float32')
  const isTrue = weight === undefined ? positive : mul(positive, weight)
  const isFalse = weight === undefined ? sub(1, positive) : sub(weight, isTrue)

  // One row for each sample, or (multiLabel) for each sample and label.
  const columns = multiLabel ? (scores.shape.at(-1) as number) : 1
  const rows = scores.size / Math.max(1, columns)
  const flat = (x: Tensor): Tensor => reshape(x, [rows, columns])
  const pairs = stack([flat(isTrue), flat(isFalse)], -1) // (N, L, 2)
  const count = isEven(thresholds) ? countInBuckets : countAbove
  const counted = count(flat(scores), pairs, thresholds) // (T, L, 2)
  const shape = multiLabel ? [thresholds.length, columns] : [thresholds.length]
  const part = (i: number): Tensor =>
    reshape(slice(counted, [0, 0, i], [thresholds.length, columns, 1]), shape)
  const totals = sum(pairs, 0) // (L, 2)
  const whole = (i: number): Tensor => reshape(slice(totals, [0, i], [columns, 1]), [columns])
  const [truePositives, falsePositives] = [part(0), part(1)]
  return {
    truePositives,
    falsePositives,
    trueNegatives: sub(whole(1), falsePositives),
    falseNegatives: sub(whole(0), truePositives),
  }
}

/** Scores that are not among the k largest of their row become `lowest`. */
function onlyTop(scores: Tensor, k: number): Tensor {
  const { indices } = topK(scores, k)
  const isTop = sum(oneHot(indices, scores.shape.at(-1) as number), -2)
  return where(isTop, scores, lowest)
}

function onlyClass(name: string, x: Tensor, classId: number): Tensor {
  const classes = x.shape.at(-1) ?? 0
  if (x.rank < 2 || !Number.isInteger(classId) || classId < 0 || classId >= classes) {
    throw new ArgumentError({
      where: `${name}: classId`,
      expected: `a whole number below the ${classes} classes, and predictions (batch, classes)`,
      received: `${classId} for rank ${x.rank}`,
    })
  }
  const starts = x.shape.map((_, i) => (i === x.rank - 1 ? classId : 0))
  return slice(x, starts, [...x.shape.slice(0, -1), 1])
}

/** Whether thresholds (but for what lies just outside of 0 and 1) are i / (n − 1), as Keras decides. */
function isEven(thresholds: readonly number[]): boolean {
  const last = thresholds.length - 1
  return last >= 2 && thresholds.every((t, i) => Math.abs(t - i / last) <= 1.5e-7 + (1e-5 * i) / last)
}

/** Thresholds one by one: (T, N) comparisons times (N, 2). */
function countAbove(scores: Tensor, pairs: Tensor, thresholds: readonly number[]): Tensor {
  const [rows, columns] = scores.shape as [number, number]
  const limits = reshape(tensor([...thresholds]), [thresholds.length, 1, 1])
  const above = cast(greater(reshape(scores, [1, rows, columns]), limits), 'float32') // (T, N, L)
  if (columns === 1) {
    const counted = matmul(reshape(above, [thresholds.length, rows]), reshape(pairs, [rows, 2]))
    return reshape(counted, [thresholds.length, 1, 2])
  }
  const weighted = mul(reshape(above, [...above.shape, 1]), reshape(pairs, [1, ...pairs.shape]))
  return sum(weighted, 1)
}

/**
 * Even thresholds: each score lies in one bucket between two of them, and is above all thresholds up to that
 * one. With a first threshold below 0 the score 0 is above that as well.
 */
function countInBuckets(scores: Tensor, pairs: Tensor, thresholds: readonly number[]): Tensor {
  const [rows, columns] = scores.shape as [number, number]
  const count = thresholds.length
  // 0 for "above none".
  const above = ceil(mul(clip(scores, { min: 0, max: 1 }), count - 1))
  const bucket = cast((thresholds[0] as number) < 0 ? maximum(above, 1) : above, 'int32')
  const place = add(mul(bucket, columns), arange(columns, undefined, 1, { dtype: 'int32' }))
  const buckets = scatterAdd(
    zeros([(count + 1) * columns, 2]),
    reshape(place, [rows * columns]),
    reshape(pairs, [rows * columns, 2]),
  )
  const counted = cumsum(reshape(buckets, [count + 1, columns, 2]), 0, { reverse: true })
  return slice(counted, [1, 0, 0], [count, columns, 2])
}

/** @throws ArgumentError unless all thresholds lie from 0 to 1. */
export function checkedThresholds(
  name: string,
  thresholds: number | readonly number[] | undefined,
  defaultThreshold: number,
): readonly number[] {
  if (thresholds === undefined) return [defaultThreshold]
  const list = typeof thresholds === 'number' ? [thresholds] : thresholds
  if (list.length > 0 && list.every((t) => t >= 0 && t <= 1)) return list
  throw new ArgumentError({
    where: `${name}: thresholds`,
    expected: 'a number from 0 to 1, or several',
    received: `[${list.join(', ')}]`,
  })
}
