import { anything, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { cast } from '../ops/apply.ts'
import { greaterEqual } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { IoU } from './iou.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'

export interface BinaryIoUOptions extends MetricOptions {
  /** Of 0 and 1 those whose mean is wanted. Default both. */
  readonly targetClassIds?: readonly number[] | undefined
  /** Scores of at least this mean 1. Default 0.5. */
  readonly threshold?: number | undefined
}

export const binaryIoUChecks = optionsOf<BinaryIoUOptions>()({
  targetClassIds: anything,
  threshold: number,
  ...metricChecks,
})

/** See {@link binaryIoU}. */
@takes(binaryIoUChecks)
export class BinaryIoU extends IoU {
  override readonly className = 'BinaryIoU'
  readonly threshold: number

  constructor({ targetClassIds = [0, 1], threshold = 0.5, ...options }: BinaryIoUOptions = {}) {
    super({ ...options, numClasses: 2, targetClassIds }, 'binary_io_u')
    this.threshold = threshold
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    super.updateState(yTrue, cast(greaterEqual(yPred, this.threshold), 'int32'), sampleWeight)
  }

  override getConfig(): Record<string, unknown> {
    const { name, targetClassIds, threshold } = this
    return { name, targetClassIds, threshold }
  }
}

/**
 * Intersection over union of scores from 0 to 1 and labels 0 and 1, over all batches.
 *
 * @example
 * metrics.binaryIoU({ targetClassIds: [1], threshold: 0.3 })
 */
export const binaryIoU = (options: BinaryIoUOptions = {}): BinaryIoU => new BinaryIoU(options)
