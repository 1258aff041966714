import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { optionsOf } from '../../base/options.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { eitherMask, type Mask } from '../base/masks.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'

/** What layers that make one tensor of several, element by element, have in common. */
export abstract class Merge extends Layer<readonly Tensor[]> {
  /** How many tensors it takes at least, and at most. */
  protected readonly count: readonly [number, number] = [1, Number.POSITIVE_INFINITY]

  override build(inputShapes: readonly SymbolicShape[]): void {
    checkList(this.className, inputShapes, this.count)
    const rank = Math.max(...inputShapes.map((shape) => shape.length))
    const aligned = inputShapes.map((shape) => alignedShape(shape, rank))
    for (let axis = 0; axis < rank; axis++) {
      // A batch of one sample is not spread over those of another batch.
      const sizes = aligned.map((shape) => shape[axis]).filter((d) => d != null && (d !== 1 || axis === 0))
      if (new Set(sizes).size > 1) throw unlike(this.className, inputShapes)
    }
  }

  /** Two of the tensors into one. */
  protected abstract combine(a: Tensor, b: Tensor): Tensor

  override get supportsMasking(): boolean {
    return true
  }

  /** A step counts if it does in one of the inputs; all do if one of the inputs has no mask. */
  override computeMask(_inputs: readonly Tensor[], masks: readonly Mask[]): Mask {
    return eitherMask(masks)
  }

  call(inputs: readonly Tensor[]): Tensor {
    const shapes = inputs.map((input) => input.shape)
    checkList(this.className, shapes, this.count)
    if (new Set(shapes.map(([batch]) => batch)).size > 1) throw unlike(this.className, shapes)
    return this.merge(sameRank(inputs))
  }

  /** The tensors, of one rank now, into one. */
  protected merge(inputs: readonly Tensor[]): Tensor {
    return inputs.reduce((a, b) => this.combine(a, b))
  }
}

/**
 * Tensors of unequal rank with the missing axes behind the batch, as Keras puts them: (B, F) and (B, T, F) meet as
 * (B, 1, F) and (B, T, F), so that a sample meets none but itself.
 */
function sameRank(inputs: readonly Tensor[]): readonly Tensor[] {
  const rank = Math.max(...inputs.map((input) => input.rank))
  return inputs.map((input) => (input.rank === rank ? input : input.reshape(alignedShape(input.shape, rank))))
}

/** A shape with ones behind the batch, so many that it has the rank. */
const alignedShape = <D>([batch, ...rest]: readonly D[], rank: number): (D | 1)[] =>
  batch === undefined ? [] : [batch, ...new Array<1>(rank - 1 - rest.length).fill(1), ...rest]

/** @throws ArgumentError unless there are that many shapes in a list. */
export function checkList(where: string, shapes: unknown, [least, most]: readonly [number, number]): void {
  const isList = Array.isArray(shapes) && shapes.every((shape) => Array.isArray(shape))
  if (isList && shapes.length >= least && shapes.length <= most) return
  throw new ArgumentError({
    where,
    expected: least === most ? `a list of ${least} tensors` : `a list of at least ${least} tensors`,
    received: isList ? `${shapes.length}` : 'a single tensor',
    fix: 'Apply it to a list: layer.apply([a, b]).',
  })
}

const unlike = (where: string, shapes: readonly SymbolicShape[]): ShapeError =>
  new ShapeError({
    where,
    expected: 'shapes that broadcast (equal dimensions, or 1, aligned at the end)',
    received: shapes.map(formatSymbolicShape).join(' and '),
  })

export type MergeOptions = LayerOptions

export const mergeChecks = optionsOf<MergeOptions>()({ ...layerChecks })
