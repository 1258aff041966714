import { ShapeError } from '../base/errors.ts'
import { anything, checked, needed, oneOf, optionsOf } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import { constant, type Tensor } from '../tensor/tensor.ts'
import { apply, toFloating } from './apply.ts'
import { type DataFormat, perDimension } from './convolution.ts'
import { averagePool, maxPool } from './pooling.ts'

export interface AdaptivePoolOptions {
  /** Number of windows, for all spatial dimensions or each. */
  readonly outputSize: number | readonly number[]
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormat
}

const adaptivePoolChecks = optionsOf<AdaptivePoolOptions>()({
  outputSize: needed(anything),
  dataFormat: oneOf('channelsLast', 'channelsFirst'),
})

/** Window i of `count` over `length` elements: from ⌊i·length/count⌋ up to and without ⌈(i+1)·length/count⌉. */
const windowsOf = (length: number, count: number): (readonly [start: number, stop: number])[] =>
  Array.from({ length: count }, (_, i) => [
    Math.floor((i * length) / count),
    Math.ceil(((i + 1) * length) / count),
  ])

/** Means of windows along one axis: a product with a matrix of their weights. */
function averageAlong(x: Tensor, axis: number, count: number): Tensor {
  const length = x.shape[axis] as number
  const weights = new Float64Array(length * count)
  windowsOf(length, count).forEach(([start, stop], column) => {
    for (let row = start; row < stop; row++) weights[row * count + column] = 1 / (stop - start)
  })
  const last = x.rank - 1
  const swap = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i))
  const swapped = axis === last ? x : apply('transpose', [x], { permutation: swap })
  const product = apply('matmul', [swapped, constant(weights, [length, count], x.dtype)], {})
  return axis === last ? product : apply('transpose', [product], { permutation: swap })
}

/** The largest of windows along one axis: windows of unlike sizes repeat their last element. */
function maxAlong(x: Tensor, axis: number, count: number): Tensor {
  const windows = windowsOf(x.shape[axis] as number, count)
  const widest = Math.max(...windows.map(([start, stop]) => stop - start))
  const indices = windows.flatMap(([start, stop]) =>
    Array.from({ length: widest }, (_, i) => Math.min(start + i, stop - 1)),
  )
  const gathered = apply('gather', [x, constant(indices, [count, widest], 'int32')], { axis })
  return apply('reduceMax', [gathered], { axes: [axis + 1], keepDims: false })
}

const adaptive =
  (where: string, along: typeof averageAlong, pool: typeof averagePool) =>
  (x: TensorLike, options: AdaptivePoolOptions): Tensor => {
    const { outputSize, dataFormat = 'channelsLast' } = checked(where, options, adaptivePoolChecks)
    const t = toFloating(asTensor(x))
    const first = dataFormat === 'channelsLast' ? 1 : 2
    const counts = perDimension(`${where}: outputSize`, outputSize, t.rank - 2)
    const spatial = t.shape.slice(first, first + counts.length)
    if (spatial.includes(0)) {
      throw new ShapeError({
        where,
        expected: 'windows of elements',
        received: `shape ${formatShape(t.shape)}`,
      })
    }
    // Where the windows divide the elements evenly, all are alike: a pooling.
    if (spatial.every((length, i) => length % (counts[i] as number) === 0)) {
      return pool(t, { poolSize: spatial.map((length, i) => length / (counts[i] as number)), dataFormat })
    }
    return counts.reduce(
      (result, count, i) => (spatial[i] === count ? result : along(result, first + i, count)),
      t,
    )
  }

/**
 * The mean of so many windows that `outputSize` is reached, whatever the input's size. Windows overlap where
 * their number does not divide it.
 */
export const adaptiveAveragePool = adaptive('adaptiveAveragePool', averageAlong, averagePool)

/** The largest element of so many windows that `outputSize` is reached, whatever the input's size. */
export const adaptiveMaxPool = adaptive('adaptiveMaxPool', maxAlong, maxPool)
