import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, needed, optionsOf } from '../../base/options.ts'
import { formatShape, type Shape, sizeOf } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface ReshapeOptions extends LayerOptions {
  /** Shape of one sample afterwards; one dimension may be −1, which takes the rest. */
  readonly targetShape: Shape
}

export const reshapeChecks = optionsOf<ReshapeOptions>()({ targetShape: needed(anything), ...layerChecks })

/** The same elements under another shape; see {@link reshape}. */
@takes(reshapeChecks)
export class Reshape extends Layer {
  readonly className = 'Reshape'
  readonly targetShape: Shape

  constructor({ targetShape, ...options }: ReshapeOptions) {
    super(options)
    const valid =
      Array.isArray(targetShape) &&
      targetShape.every((d) => Number.isInteger(d) && d >= -1) &&
      targetShape.filter((d) => d === -1).length <= 1
    if (!valid) {
      throw new ArgumentError({
        where: 'Reshape: targetShape',
        expected: 'whole numbers of at least 0, of which one may be −1',
        received: JSON.stringify(targetShape),
      })
    }
    this.targetShape = targetShape
  }

  call(x: Tensor): Tensor {
    const size = sizeOf(x.shape.slice(1))
    const rest = sizeOf(this.targetShape.filter((d) => d !== -1))
    const sample = this.targetShape.map((d) => (d === -1 ? size / rest : d))
    if (sizeOf(sample) !== size || !sample.every(Number.isInteger)) {
      throw new ShapeError({
        where: 'Reshape',
        expected: `samples whose elements fill targetShape ${formatShape(this.targetShape)}`,
        received: `${size} elements in samples of shape ${formatShape(x.shape.slice(1))}`,
        fix: 'The batch is not a part of targetShape.',
      })
    }
    return x.reshape([x.shape[0] as number, ...sample])
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), targetShape: this.targetShape }
  }
}

/**
 * Gives samples another shape; their elements stay in row-major order.
 *
 * Input (batch, …), output (batch, …targetShape).
 *
 * @throws ShapeError where the number of elements differs.
 * @example
 * layers.reshape({ targetShape: [28, 28, 1], inputShape: [784] })
 * layers.reshape({ targetShape: [-1, 2] })
 */
export const reshape = (options: ReshapeOptions): Reshape => new Reshape(options)
