import { IoU, type IoUOptions } from './iou.ts'

export interface OneHotIoUOptions extends Omit<IoUOptions, 'sparseYTrue'> {
  /** Whether predictions are class numbers rather than scores. Default false. */
  readonly sparseYPred?: boolean | undefined
}

/** See {@link oneHotIoU}. */
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
