import { ArgumentError, ShapeError } from '../base/errors.ts'
import { boolean, checked, optionsOf } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { arange, asTensor, type CreationOptions, creationChecks, type TensorLike } from '../tensor/create.ts'
import { layerAtWork } from '../tensor/layer-at-work.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, cast, countable, normalizeAxis, numeric } from './apply.ts'

/** Positions as int32; numbers given as nested arrays become integers. */
const indicesOf = (indices: TensorLike): Tensor => asTensor(indices, 'int32')

/**
 * Slices picked by position along an axis, as NumPy's `take`: the axis is replaced by the shape of the
 * indices. Indices must lie within the axis; negative ones count from its end.
 *
 * @example
 * ops.gather(tensor([[1, 2], [3, 4]]), [1, 0]) // [[3, 4], [1, 2]]
 */
export function gather(x: TensorLike, indices: TensorLike, axis = 0): Tensor {
  const t = asTensor(x)
  const layer = layerAtWork()
  return apply('gather', [t, indicesOf(indices)], {
    axis: normalizeAxis('gather', axis, t.shape),
    ...(layer === undefined ? {} : { layer }),
  })
}

/** One element for every index along an axis; x and the indices agree in all other dimensions. */
export function takeAlongAxis(x: TensorLike, indices: TensorLike, axis = -1): Tensor {
  const t = asTensor(x)
  const at = normalizeAxis('takeAlongAxis', axis, t.shape)
  const given = checkedPositions('takeAlongAxis', indicesOf(indices), t.shape[at] as number)
  return apply('gatherElements', [t, given], { axis: at })
}

/** The same positions counted from the front, by a look-up in all there are: one beyond the axis is an error there. */
const checkedPositions = (where: string, indices: Tensor, size: number): Tensor =>
  apply('gather', [arange(size, undefined, 1, { dtype: 'int32' }), indices], {
    axis: 0,
    layer: [layerAtWork(), where].filter((name) => name !== undefined).join(': '),
  })

/**
 * `x` with updates added at positions along an axis; repeated positions add up.
 *
 * @param updates x's shape with the axis replaced by the shape of the indices.
 * @example
 * ops.scatterAdd(zeros([3]), [0, 2, 0], tensor([1, 2, 3])) // [4, 0, 2]
 */
export function scatterAdd(x: TensorLike, indices: TensorLike, updates: TensorLike, axis = 0): Tensor {
  const t = numeric(asTensor(x))
  const at = normalizeAxis('scatterAdd', axis, t.shape)
  const size = t.shape[at] as number
  const checked = checkedPositions('scatterAdd', indicesOf(indices), size)
  return apply('scatterAdd', [checked, cast(asTensor(updates), t.dtype), t], { axis: at, size })
}

/**
 * 1 at the position that each index names along a new last axis, 0 elsewhere; all 0 for an index outside.
 *
 * @example
 * ops.oneHot([0, 2], 3) // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(indices: TensorLike, depth: number, options: CreationOptions = {}): Tensor {
  const { dtype = 'float32' } = checked('oneHot', options, creationChecks)
  const positions = cast(asTensor(indices), 'int32')
  const expanded = apply('reshape', [positions], { shape: [...positions.shape, 1] })
  return cast(apply('equal', [expanded, arange(depth, undefined, 1, { dtype: 'int32' })], {}), dtype)
}

export interface CumulativeOptions {
  /** Whether an element counts itself out. Default false. */
  readonly exclusive?: boolean
  /** From the last element to the first. Default false. */
  readonly reverse?: boolean
}

const cumulativeChecks = optionsOf<CumulativeOptions>()({ exclusive: boolean, reverse: boolean })

/** Running sums along an axis. */
export function cumsum(x: TensorLike, axis = 0, options: CumulativeOptions = {}): Tensor {
  const { exclusive = false, reverse = false } = checked('cumsum', options, cumulativeChecks)
  const t = asTensor(x)
  return apply('cumsum', [countable(t)], { axis: normalizeAxis('cumsum', axis, t.shape), exclusive, reverse })
}

/** Moves an axis to the end, runs `body` there and moves it back. */
function alongLast(t: Tensor, axis: number, body: (x: Tensor) => Tensor): Tensor {
  const at = normalizeAxis('sort', axis, t.shape)
  if (at === t.rank - 1) return body(t)
  const permutation = t.shape.map((_, i) => i).filter((i) => i !== at)
  permutation.push(at)
  const back = t.shape.map((_, i) => permutation.indexOf(i))
  return apply('transpose', [body(apply('transpose', [t], { permutation }))], { permutation: back })
}

export interface SortOptions {
  /** Largest first. Default false. */
  readonly descending?: boolean
}

const sortChecks = optionsOf<SortOptions>()({ descending: boolean })

const sortedIndices = (last: Tensor, descending: boolean): Tensor =>
  apply('topK', [numeric(last)], {
    k: last.shape.at(-1) ?? 1,
    largest: descending,
  })

/** Positions (int32) that sort an axis (default the last). */
export const argsort = (x: TensorLike, axis = -1, options: SortOptions = {}): Tensor => {
  const { descending = false } = checked('argsort', options, sortChecks)
  return alongLast(asTensor(x), axis, (last) => sortedIndices(last, descending))
}

/** The elements in order along an axis (default the last). */
export const sort = (x: TensorLike, axis = -1, options: SortOptions = {}): Tensor => {
  const { descending = false } = checked('sort', options, sortChecks)
  return alongLast(asTensor(x), axis, (last) =>
    apply('gatherElements', [last, sortedIndices(last, descending)], { axis: last.rank - 1 }),
  )
}

export interface TopK {
  /** The k largest elements, in descending order. */
  readonly values: Tensor
  /** Their positions along the last axis, int32. */
  readonly indices: Tensor
}

/** The `k` largest elements along the last axis and where they stand. */
export function topK(x: TensorLike, k: number): TopK {
  const t = asTensor(x)
  if (!Number.isInteger(k) || k < 0) {
    throw new ArgumentError({ where: 'topK', expected: 'a whole k of at least 0', received: String(k) })
  }
  if (t.rank === 0)
    throw new ShapeError({ where: 'topK', expected: 'at least one axis', received: formatShape(t.shape) })
  const indices = apply('topK', [numeric(t)], { k, largest: true })
  return { values: apply('gatherElements', [t, indices], { axis: t.rank - 1 }), indices }
}
