import { epsilon } from '../base/epsilon.ts'
import { ArgumentError } from '../base/errors.ts'
import { anything, boolean, needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { weightOfEach } from '../losses/reduction.ts'
import { cast } from '../ops/apply.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { greater, greaterEqual, less, logicalAnd, notEqual, where } from '../ops/comparison.ts'
import { gather, scatterAdd } from '../ops/indexing.ts'
import { argMax, sum } from '../ops/reduce.ts'
import { reshape } from '../ops/shape.ts'
import { eye, ones, tensor, zeros } from '../tensor/create.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { Metric, type MetricOptions, metricChecks } from './metric.ts'

export interface MeanIoUOptions extends MetricOptions {
  readonly numClasses: number
  /** A label that does not count. Default: none. */
  readonly ignoreClass?: number | undefined
  /** Whether labels are class numbers rather than one-hot. Default true. */
  readonly sparseYTrue?: boolean | undefined
  /** Whether predictions are class numbers rather than scores. Default true. */
  readonly sparseYPred?: boolean | undefined
  /** Along which one-hot labels and scores stand. Default −1. */
  readonly axis?: number | undefined
}

export const meanIoUChecks = optionsOf<MeanIoUOptions>()({
  numClasses: needed(number),
  ignoreClass: number,
  sparseYTrue: boolean,
  sparseYPred: boolean,
  axis: number,
  ...metricChecks,
})

export interface IoUOptions extends MeanIoUOptions {
  /** The classes whose mean is wanted. */
  readonly targetClassIds: readonly number[]
}

export const ioUChecks = optionsOf<IoUOptions>()({ targetClassIds: needed(anything), ...meanIoUChecks })

/** See {@link iou}. */
@takes(ioUChecks)
export class IoU extends Metric {
  readonly className: string = 'IoU'
  readonly numClasses: number
  readonly targetClassIds: readonly number[]
  readonly ignoreClass: number | undefined
  readonly sparseYTrue: boolean
  readonly sparseYPred: boolean
  readonly axis: number
  readonly #confusion

  constructor(
    {
      numClasses,
      targetClassIds,
      ignoreClass,
      sparseYTrue = true,
      sparseYPred = true,
      axis = -1,
      ...options
    }: IoUOptions,
    name = 'io_u',
  ) {
    super(options, name)
    if (!(Number.isInteger(numClasses) && numClasses > 0)) {
      throw new ArgumentError({
        where: this.name,
        expected: 'a whole number above 0 for numClasses',
        received: String(numClasses),
      })
    }
    const isClass = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < numClasses
    if (targetClassIds === undefined || targetClassIds.length === 0 || !targetClassIds.every(isClass)) {
      throw new ArgumentError({
        where: this.name,
        expected: `targetClassIds from 0 to ${numClasses - 1}`,
        received: `[${targetClassIds?.join(', ') ?? ''}]`,
      })
    }
    this.numClasses = numClasses
    this.targetClassIds = [...targetClassIds]
    this.ignoreClass = ignoreClass
    this.sparseYTrue = sparseYTrue
    this.sparseYPred = sparseYPred
    this.axis = axis
    this.#confusion = this.addSum('total_confusion_matrix', [numClasses, numClasses])
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const classes = (x: Tensor, isSparse: boolean): Tensor =>
      cast(isSparse ? x : argMax(x, this.axis), 'int32')
    const predicted = classes(yPred, this.sparseYPred)
    const labels = reshape(classes(yTrue, this.sparseYTrue), predicted.shape)
    const int = (value: number): Tensor => scalar(value, 'int32')
    const inRange = (x: Tensor): Tensor => logicalAnd(greaterEqual(x, int(0)), less(x, int(this.numClasses)))
    const known = logicalAnd(inRange(labels), inRange(predicted))
    const { ignoreClass } = this
    const counts = ignoreClass === undefined ? known : logicalAnd(known, notEqual(labels, int(ignoreClass)))
    const weight =
      sampleWeight === undefined
        ? ones(predicted.shape)
        : weightOfEach(predicted, cast(sampleWeight, 'float32'))
    // Row by row: the label's class, then the predicted one.
    const place = where(counts, add(mul(labels, int(this.numClasses)), predicted), int(0))
    const cells = this.numClasses ** 2
    const counted = scatterAdd(
      zeros([cells]),
      reshape(place, [place.size]),
      reshape(where(counts, weight, 0), [place.size]),
    )
    const matrix = reshape(counted, [this.numClasses, this.numClasses])
    this.#confusion.add(matrix)
  }

  override result(): Tensor {
    const matrix = this.#confusion.value
    const right = sum(mul(matrix, eye(this.numClasses)), 0)
    const union = sub(add(sum(matrix, 0), sum(matrix, 1)), right)
    const chosen = (x: Tensor): Tensor => gather(x, tensor(this.targetClassIds, { dtype: 'int32' }))
    const [a, b] = [chosen(right), chosen(union)]
    // A class that neither labels nor predictions have does not count.
    const occurs = greater(b, 1e-9)
    const ratios = where(occurs, div(a, add(b, epsilon)), 0)
    return div(sum(ratios), add(sum(cast(occurs, 'float32')), epsilon))
  }

  override getConfig(): Record<string, unknown> {
    const { numClasses, targetClassIds, ignoreClass = null, sparseYTrue, sparseYPred, axis } = this
    return {
      ...super.getConfig(),
      numClasses,
      targetClassIds,
      ignoreClass,
      sparseYTrue,
      sparseYPred,
      axis,
    }
  }
}

/**
 * Intersection over union, TP / (TP + FP + FN) over all batches: the mean over some classes of those that occur
 * in labels or predictions.
 *
 * @throws ArgumentError for target classes that are not below `numClasses`.
 * @example
 * metrics.iou({ numClasses: 21, targetClassIds: [15] })
 */
export const iou = (options: IoUOptions): IoU => new IoU(options)
