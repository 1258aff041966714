import { DataError } from '../base/errors.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import type { HostArray } from './host-array.ts'

/** An array and what errors call it. */
export type NamedArray = readonly [name: string, array: HostArray]

interface CheckOptions {
  /** Whether NaN is meant. Default false. */
  readonly allowNaN?: boolean
  /** What has been checked already, and has as many samples. Default the first of the arrays. */
  readonly like?: NamedArray | undefined
}

/**
 * Refuses data that a model cannot learn from, before anything runs.
 *
 * @throws DataError for no samples, for arrays of different lengths, and for NaN (naming sample and feature).
 */
export async function checkSamples(
  where: string,
  arrays: readonly NamedArray[],
  { allowNaN = false, like = arrays[0] }: CheckOptions = {},
): Promise<void> {
  if (like === undefined) return
  const [first, { shape: firstShape }] = like
  const samples = firstShape[0] ?? 0
  if (samples === 0) {
    throw new DataError({
      where,
      expected: 'at least one sample',
      received: `${first} of shape ${formatShape(firstShape)}`,
      fix: 'Load the data before the call.',
    })
  }
  for (const [name, { shape }] of arrays) {
    if (shape[0] === samples) continue
    throw new DataError({
      where,
      expected: `${samples} samples in ${name}, as in ${first}`,
      received: shape.length === 0 ? 'a single number' : `${shape[0]}`,
      fix: 'Give every sample its label (and weight).',
    })
  }
  if (!allowNaN) for (const [name, array] of arrays) await checkNaN(where, name, array)
}

/** Elements that are looked at between two looks at the clock. */
const stride = 1 << 16

async function checkNaN(where: string, name: string, { data, shape }: HostArray): Promise<void> {
  if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) return
  const pacer = new Pacer()
  for (let start = 0; start < data.length; start += stride) {
    const stop = Math.min(start + stride, data.length)
    for (let i = start; i < stop; i++) {
      if (Number.isNaN(data[i])) throw nanError(where, name, i, shape)
    }
    if (pacer.due()) await pacer.turn()
  }
}

function nanError(where: string, name: string, index: number, shape: readonly number[]): DataError {
  const width = sizeOf(shape.slice(1))
  let rest = index % width
  const place = shape.slice(1).map((_, axis) => {
    const below = sizeOf(shape.slice(axis + 2))
    const at = Math.floor(rest / below)
    rest %= below
    return at
  })
  const feature = place.length === 0 ? '' : `, feature ${place.length === 1 ? place[0] : formatShape(place)}`
  return new DataError({
    where,
    expected: 'numbers',
    received: `NaN in ${name}, sample ${Math.floor(index / width)}${feature}`,
    fix: 'Fill in or drop missing values, or pass allowNaN: true if the model is meant to see them.',
  })
}
