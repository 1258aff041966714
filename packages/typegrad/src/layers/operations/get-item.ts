import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { formatShape } from '../../base/shape.ts'
import type { Slice } from '../../base/slice.ts'
import { apply } from '../../ops/apply.ts'
import { tracedBounds } from '../../ops/slice-bounds.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { formatSymbolicShape, type NamedShape, type SymbolicShape } from '../base/sizes.ts'

/**
 * What `x[…]` has for an axis: a position, which takes the axis away, a slice, null for a new axis of size 1, or
 * `'...'` for as many whole axes as are left.
 */
export type Key = number | Slice | null | '...'

export const isSlice = (value: unknown): value is Slice =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  ['start', 'stop', 'step'].every((bound) => bound in value)

export const wholeAxis: Slice = { start: null, stop: null, step: null }

const isKey = (value: unknown): value is Key =>
  value === null || value === '...' || Number.isInteger(value) || isSlice(value)

/**
 * NumPy's basic indexing `x[keys]`.
 *
 * @throws ArgumentError for keys that are none, and positions outside of their axis; ShapeError for more keys than axes.
 */
export function getItem(x: Tensor, key: unknown): Tensor {
  const spread = keyOfEachAxis(x.shape, key)
  const bounds: { start: number; stop: number; step: number }[] = []
  // The sizes that are left once the slice has been taken: positions go, new axes come.
  const sizes: number[] = []
  for (const one of spread) {
    if (one === null) {
      sizes.push(1)
      continue
    }
    // Each key that is not null or an ellipsis stands for the next axis.
    const length = x.shape[bounds.length] as number
    if (typeof one === 'number') {
      bounds.push(position(one, length, x))
      continue
    }
    const { start, stop, step } = tracedBounds('GetItem', length, one.start, one.stop, one.step ?? 1)
    bounds.push({ start, stop, step })
    sizes.push(Math.max(0, Math.ceil((stop - start) / step)))
  }
  const isWhole = bounds.every(
    ({ start, stop, step }, axis) => start === 0 && step === 1 && stop === x.shape[axis],
  )
  const sliced = isWhole
    ? x
    : apply('slice', [x], {
        starts: bounds.map(({ start }) => start),
        stops: bounds.map(({ stop }) => stop),
        steps: bounds.map(({ step }) => step),
      })
  return sizes.length === x.rank && sizes.every((size, axis) => size === sliced.shape[axis])
    ? sliced
    : apply('reshape', [sliced], { shape: sizes })
}

/** The keys with a whole axis for each that the ellipsis, or what is left out at the end, stands for. */
function keyOfEachAxis(shape: SymbolicShape, key: unknown): Exclude<Key, '...'>[] {
  const keys: readonly unknown[] = Array.isArray(key) ? key : [key]
  const odd = keys.findIndex((one) => !isKey(one))
  if (odd !== -1 || keys.filter((one) => one === '...').length > 1) {
    throw new ArgumentError({
      where: 'GetItem',
      expected: 'whole numbers, slices, new axes and at most one ellipsis as keys',
      received: odd === -1 ? 'two ellipses' : String(keys[odd]),
      fix: 'Positions in a list or a tensor are for gather.',
    })
  }
  const list = keys as readonly Key[]
  const taken = list.filter((one) => one !== null && one !== '...').length
  if (taken > shape.length) {
    throw new ShapeError({
      where: 'GetItem',
      expected: `at most ${shape.length} keys for shape ${formatSymbolicShape(shape)}`,
      received: String(taken),
    })
  }
  const rest = new Array<Slice>(shape.length - taken).fill(wholeAxis)
  return (list.includes('...') ? list : [...list, '...' as const]).flatMap((one) =>
    one === '...' ? rest : [one],
  )
}

/**
 * The shape of `x[keys]`, of which a trace says more than is known: a slice of an open axis is as long as the data lets
 * it be, and only a whole one keeps the axis's name.
 *
 * @param traced what slices of long axes left.
 */
export function openWhereSliced(shape: SymbolicShape, key: unknown, traced: NamedShape): NamedShape {
  const left: (number | null | undefined)[] = []
  let axis = 0
  for (const one of keyOfEachAxis(shape, key)) {
    if (one === null) left.push(undefined)
    else if (typeof one === 'number') axis++
    else left.push(shape[axis++])
  }
  return traced.map((size, i) => (left[i] === null && typeof size === 'number' ? null : size))
}

function position(at: number, length: number, x: Tensor) {
  const start = at < 0 ? at + length : at
  if (start >= 0 && start < length) return { start, stop: start + 1, step: 1 }
  throw new ArgumentError({
    where: 'GetItem',
    expected: `a position from ${-length} to ${length - 1} in shape ${formatShape(x.shape)}`,
    received: String(at),
  })
}
