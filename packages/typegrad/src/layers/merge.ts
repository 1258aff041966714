import { ArgumentError, ShapeError } from '../base/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { formatSymbolicShape, type SymbolicShape } from './symbolic.ts'

/** What layers that make one tensor of several, element by element, have in common. */
export abstract class Merge extends Layer<readonly Tensor[]> {
  /** How many tensors it takes at least, and at most. */
  protected readonly count: readonly [number, number] = [1, Number.POSITIVE_INFINITY]

  override build(inputShapes: readonly SymbolicShape[]): void {
    checkList(this.className, inputShapes, this.count)
    const rank = Math.max(...inputShapes.map((shape) => shape.length))
    for (let fromEnd = 1; fromEnd <= rank; fromEnd++) {
      const sizes = inputShapes.map((shape) => shape.at(-fromEnd)).filter((d) => d != null && d !== 1)
      if (new Set(sizes).size > 1) throw unlike(this.className, inputShapes)
    }
  }

  /** Two of the tensors into one. */
  protected abstract combine(a: Tensor, b: Tensor): Tensor

  override get supportsMasking(): boolean {
    return true
  }

  call(inputs: readonly Tensor[]): Tensor {
    checkList(
      this.className,
      inputs.map((input) => input.shape),
      this.count,
    )
    return inputs.reduce((a, b) => this.combine(a, b))
  }
}

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
