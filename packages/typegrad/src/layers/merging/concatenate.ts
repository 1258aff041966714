import { ShapeError } from '../../base/errors.ts'
import { number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { normalizeAxis } from '../../ops/apply.ts'
import { broadcastTo, concat } from '../../ops/shape.ts'
import { ones } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { alignedMask, eitherMask, type Mask } from '../base/masks.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'
import { checkList } from './merge.ts'

export interface ConcatenateOptions extends LayerOptions {
  /** The axis along which the tensors are joined. Default −1. */
  readonly axis?: number
}

export const concatenateChecks = optionsOf<ConcatenateOptions>()({ axis: number, ...layerChecks })

/** Tensors joined along an axis; see {@link concatenate}. */
@takes(concatenateChecks)
export class Concatenate extends Layer<readonly Tensor[]> {
  readonly className = 'Concatenate'
  readonly axis: number

  constructor({ axis = -1, ...options }: ConcatenateOptions = {}) {
    super(options)
    this.axis = axis
  }

  override build(inputShapes: readonly SymbolicShape[]): void {
    checkList('Concatenate', inputShapes, [1, Number.POSITIVE_INFINITY])
    const first = inputShapes[0] as SymbolicShape
    const axis = normalizeAxis('Concatenate', this.axis, new Array<number>(first.length).fill(0))
    const agree = (a: number | null, b: number | null | undefined) => a === null || b === null || a === b
    const fits = inputShapes.every(
      (shape) => shape.length === first.length && first.every((d, i) => i === axis || agree(d, shape[i])),
    )
    if (fits) return
    throw new ShapeError({
      where: 'Concatenate',
      expected: `shapes that differ along axis ${axis} alone`,
      received: inputShapes.map(formatSymbolicShape).join(' and '),
    })
  }

  override get supportsMasking(): boolean {
    return true
  }

  /**
   * The masks joined along the axis, all steps of an input without one counting. Behind the masks' own axes a step
   * counts if it does in one of the inputs.
   */
  override computeMask(inputs: readonly Tensor[], masks: readonly Mask[]): Mask {
    const known = masks.filter((mask) => mask !== undefined)
    if (known.length === 0) return undefined
    const [{ rank: inputRank }] = inputs as readonly [Tensor]
    const axis = normalizeAxis('Concatenate', this.axis, new Array<number>(inputRank).fill(0))
    const rank = Math.max(...known.map((mask) => mask.rank))
    const whole = inputs.map((x, i) => {
      const shape = x.shape.slice(0, rank)
      const mask = masks[i]
      return mask === undefined ? ones(shape, { dtype: 'bool' }) : broadcastTo(alignedMask(mask, rank), shape)
    })
    return axis < rank ? concat(whole, axis) : eitherMask(whole)
  }

  call(inputs: readonly Tensor[]): Tensor {
    return concat([...inputs], this.axis)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis }
  }
}

/**
 * Joins tensors along an axis.
 *
 * Input: tensors whose shapes differ along the axis alone, output with the sum of their sizes there.
 *
 * @throws ShapeError for shapes that differ elsewhere, ArgumentError for an axis that they do not have.
 * @example
 * layers.concatenate().apply([a, b]) // (batch, 3), (batch, 5) → (batch, 8)
 */
export const concatenate = (options?: ConcatenateOptions): Concatenate => new Concatenate(options)
