import { optionsOf, without } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { IoU, type IoUOptions, ioUChecks } from './iou.ts'

export interface OneHotIoUOptions extends Omit<IoUOptions, 'sparseYTrue'> {
  /** Whether predictions are class numbers rather than scores. Default false. */
  readonly sparseYPred?: boolean | undefined
}

export const oneHotIoUChecks = optionsOf<OneHotIoUOptions>()({
  ...without(ioUChecks, 'sparseYTrue'),
})

/** See {@link oneHotIoU}. */
@takes(oneHotIoUChecks)
export class OneHotIoU extends IoU {
  override readonly className = 'OneHotIoU'

  constructor({ sparseYPred = false, ...options }: OneHotIoUOptions) {
    super({ ...options, sparseYTrue: false, sparseYPred }, 'one_hot_io_u')
  }

  override getConfig(): Record<string, unknown> {
    const { sparseYTrue: _, ...config } = super.getConfig()
    return config
  }
}

/** Intersection over union for one-hot labels: the mean over some classes, see `iou`. */
export const oneHotIoU = (options: OneHotIoUOptions): OneHotIoU => new OneHotIoU(options)
