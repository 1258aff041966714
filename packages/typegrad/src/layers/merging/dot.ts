import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, boolean, needed, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { apply, normalizeAxis } from '../../ops/apply.ts'
import { rsqrt } from '../../ops/elementwise.ts'
import { sum } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'
import { checkList } from './merge.ts'

export interface DotOptions extends LayerOptions {
  /** The axis of both tensors over which products are summed, or one of each; never the batch's. */
  readonly axes: number | readonly [number, number]
  /** Whether vectors are scaled to norm 1 first: the result is a cosine. Default false. */
  readonly normalize?: boolean
}

export const dotChecks = optionsOf<DotOptions>()({
  axes: needed(anything),
  normalize: boolean,
  ...layerChecks,
})

/** Products of two tensors, summed along an axis of each; see {@link dot}. */
@takes(dotChecks)
export class Dot extends Layer<readonly Tensor[]> {
  readonly className = 'Dot'
  readonly axes: number | readonly [number, number]
  readonly normalize: boolean

  constructor({ axes, normalize = false, ...options }: DotOptions) {
    super(options)
    const list = typeof axes === 'number' ? [axes] : axes
    if (
      !Array.isArray(list) ||
      !list.every(Number.isInteger) ||
      (typeof axes !== 'number' && list.length !== 2)
    ) {
      throw new ArgumentError({
        where: 'Dot: axes',
        expected: 'a whole number, or one for each of the two tensors',
        received: JSON.stringify(axes),
      })
    }
    this.axes = axes
    this.normalize = normalize
  }

  #axesOf(ranks: readonly [number, number]): [number, number] {
    const [a, b] = typeof this.axes === 'number' ? [this.axes, this.axes] : this.axes
    const along = (axis: number, rank: number) => normalizeAxis('Dot', axis, new Array<number>(rank).fill(0))
    const axes: [number, number] = [along(a, ranks[0]), along(b, ranks[1])]
    if (!axes.includes(0)) return axes
    throw new ArgumentError({
      where: 'Dot',
      expected: 'axes after the batch',
      received: JSON.stringify(this.axes),
    })
  }

  override build(inputShapes: readonly SymbolicShape[]): void {
    checkList('Dot', inputShapes, [2, 2])
    const [a, b] = inputShapes as readonly [SymbolicShape, SymbolicShape]
    const [i, j] = this.#axesOf([a.length, b.length])
    if (a[i] === b[j] || a[i] === null || b[j] === null) return
    throw new ShapeError({
      where: 'Dot',
      expected: `as many elements along axis ${i} of the first tensor as along axis ${j} of the second`,
      received: `shapes ${formatSymbolicShape(a)} and ${formatSymbolicShape(b)}`,
    })
  }

  call(inputs: readonly Tensor[]): Tensor {
    const [a, b] = inputs as readonly [Tensor, Tensor]
    const [i, j] = this.#axesOf([a.rank, b.rank])
    const unit = (x: Tensor, axis: number): Tensor =>
      this.normalize ? x.mul(rsqrt(sum(x.square(), axis, { keepDims: true }).maximum(1e-12))) : x
    // (B, …rows, K) · (B, K, …columns) → (B, …rows, …columns)
    const left = flattened(unit(a, i), i, 'last')
    const right = flattened(unit(b, j), j, 'first')
    const product = apply('matmul', [left, right], {})
    const rest = [...a.shape.toSpliced(i, 1).slice(1), ...b.shape.toSpliced(j, 1).slice(1)]
    return product.reshape([a.shape[0] as number, ...(rest.length === 0 ? [1] : rest)])
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axes: this.axes, normalize: this.normalize }
  }
}

/** (B, rest, K) or (B, K, rest) with the axis K of `x` and all its others but the batch in one. */
function flattened(x: Tensor, axis: number, place: 'first' | 'last'): Tensor {
  const others = x.shape.map((_, k) => k).filter((k) => k !== 0 && k !== axis)
  const permutation = place === 'last' ? [0, ...others, axis] : [0, axis, ...others]
  const ordered = permutation.every((k, at) => k === at) ? x : apply('transpose', [x], { permutation })
  const batch = x.shape[0] as number
  const length = x.shape[axis] as number
  const rest = others.reduce((size, k) => size * (x.shape[k] as number), 1)
  return ordered.reshape(place === 'last' ? [batch, rest, length] : [batch, length, rest])
}

/**
 * Products of two tensors' elements, summed along an axis of each, sample by sample.
 *
 * Input (batch, …) and (batch, …), output (batch, …, …) without the two axes, or (batch, 1) if nothing else is
 * left.
 *
 * @throws ShapeError where the axes' sizes differ, ArgumentError for axes that there are not.
 * @example
 * layers.dot({ axes: 1 }).apply([a, b])          // (batch, 8), (batch, 8) → (batch, 1)
 * layers.dot({ axes: [2, 1] }).apply([x, y])     // (batch, 3, 4), (batch, 4, 5) → (batch, 3, 5)
 */
export const dot = (options: DotOptions): Dot => new Dot(options)
