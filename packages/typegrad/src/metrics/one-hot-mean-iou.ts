import { optionsOf, without } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import type { MeanIoUOptions } from './iou.ts'
import { meanIoUChecks } from './iou.ts'
import { MeanIoU } from './mean-iou.ts'

export interface OneHotMeanIoUOptions extends Omit<MeanIoUOptions, 'sparseYTrue'> {
  /** Whether predictions are class numbers rather than scores. Default false. */
  readonly sparseYPred?: boolean | undefined
}

export const oneHotMeanIoUChecks = optionsOf<OneHotMeanIoUOptions>()({
  ...without(meanIoUChecks, 'sparseYTrue'),
})

/** See {@link oneHotMeanIoU}. */
@takes(oneHotMeanIoUChecks)
export class OneHotMeanIoU extends MeanIoU {
  override readonly className = 'OneHotMeanIoU'

  constructor({ sparseYPred = false, ...options }: OneHotMeanIoUOptions) {
    super({ ...options, sparseYTrue: false, sparseYPred }, 'one_hot_mean_io_u')
  }

  override getConfig(): Record<string, unknown> {
    const { sparseYTrue: _, ...config } = super.getConfig()
    return config
  }
}

/** The mean intersection over union of all classes for one-hot labels, see `meanIoU`. */
export const oneHotMeanIoU = (options: OneHotMeanIoUOptions): OneHotMeanIoU => new OneHotMeanIoU(options)
