import { takes } from '../base/takes.ts'
import { IoU, type MeanIoUOptions, meanIoUChecks } from './iou.ts'

/** See {@link meanIoU}. */
@takes(meanIoUChecks)
export class MeanIoU extends IoU {
  override readonly className: string = 'MeanIoU'

  constructor(options: MeanIoUOptions, name = 'mean_io_u') {
    super({ ...options, targetClassIds: allClasses(options.numClasses) }, name)
  }

  override getConfig(): Record<string, unknown> {
    const { targetClassIds: _, ...config } = super.getConfig()
    return config
  }
}

/** IoU itself says what is wrong with a number that is none. */
const allClasses = (count: number): number[] =>
  Array.from({ length: Number.isInteger(count) && count > 0 ? count : 0 }, (_, i) => i)

/**
 * The mean intersection over union of all classes that occur in labels or predictions, over all batches.
 *
 * @throws ArgumentError unless `numClasses` is positive.
 * @example
 * metrics.meanIoU({ numClasses: 21, sparseYPred: false })
 */
export const meanIoU = (options: MeanIoUOptions): MeanIoU => new MeanIoU(options)
