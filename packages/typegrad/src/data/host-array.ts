import { type DType, dtypeOf, type TypedArray, typedArray } from '../base/dtype.ts'
import { ArgumentError, DataError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import { flattenNested } from '../tensor/create.ts'
import { type NestedArray, sourceOf, Tensor, toTyped } from '../tensor/tensor.ts'

/** Samples in JavaScript's memory, the first dimension counting them. */
export interface HostArray {
  readonly data: TypedArray
  readonly shape: Shape
  readonly dtype: DType
}

/** What users hand in as data: a tensor, a typed array of all samples in a row, or nested arrays. */
export type ArrayData = Tensor | TypedArray | Uint8ClampedArray | NestedArray | NestedArray<boolean>

/**
 * Data as one array in memory; nothing is copied that is in memory already.
 *
 * @param sampleShape what one sample looks like, where it is known: a typed array has no shape of its own,
 * and plain numbers stand for samples of one feature.
 * @throws DataError for ragged arrays (naming the place) and for arrays that do not fill whole samples.
 */
export async function toHostArray(
  where: string,
  value: unknown,
  sampleShape?: readonly (number | null)[],
): Promise<HostArray> {
  if (value instanceof Tensor) {
    const source = await sourceOf(value)
    return fitted(
      where,
      { data: source.host ?? (await value.data()), shape: value.shape, dtype: value.dtype },
      sampleShape,
    )
  }
  if (ArrayBuffer.isView(value)) {
    const dtype = dtypeOf(value)
    if (dtype === undefined) {
      throw new ArgumentError({
        where,
        expected: 'a Float32Array, Float64Array, Int32Array, BigInt64Array or Uint8Array',
        received: value.constructor.name,
        fix: 'Convert it with Float32Array.from(…).',
      })
    }
    const data = value as TypedArray
    return fitted(where, { data, shape: [data.length], dtype }, sampleShape)
  }
  if (Array.isArray(value)) return fitted(where, await fromNested(where, value), sampleShape)
  throw new ArgumentError({
    where,
    expected: 'a tensor, a typed array or nested arrays of numbers',
    received: value === null ? 'null' : typeof value,
  })
}

/** Nested arrays row by row, in slices: a million rows must not stop the event loop. */
async function fromNested(where: string, rows: readonly unknown[]): Promise<HostArray> {
  const pacer = new Pacer()
  const first = rows[0]
  const flatFirst: number[] = []
  const rowShape = first === undefined ? [] : flattenNested(first, flatFirst, `${where}[0]`)
  const width = sizeOf(rowShape)
  const data = typedArray('float32', rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]
    if (rowShape.length === 0 && typeof row === 'number') data[i] = row
    else {
      const flat: number[] = []
      const shape = flattenNested(row, flat, `${where}[${i}]`)
      if (!sameShape(shape, rowShape)) {
        throw new DataError({
          where,
          expected: `rows of one shape, ${formatShape(rowShape)} as in row 0`,
          received: `${formatShape(shape)} in row ${i}`,
          fix: 'Ragged arrays have no shape: pad the rows or drop the incomplete ones.',
        })
      }
      data.set(flat, i * width)
    }
    if (i % 64 === 0 && pacer.due()) await pacer.turn()
  }
  return { data, shape: [rows.length, ...rowShape], dtype: 'float32' }
}

/** The array under the shape that samples are known to have, where only that was missing. */
function fitted(where: string, array: HostArray, sampleShape?: readonly (number | null)[]): HostArray {
  if (sampleShape === undefined || sampleShape.some((d) => d === null)) return array
  const wanted = sampleShape as readonly number[]
  if (array.shape.length !== 1 || wanted.length === 0) return array
  const width = sizeOf(wanted)
  if (array.data.length % width !== 0) {
    throw new DataError({
      where,
      expected: `whole samples of shape ${formatShape(wanted)}, ${width} elements each`,
      received: `${array.data.length} elements`,
    })
  }
  return { ...array, shape: [array.data.length / width, ...wanted] }
}

/** Rows from `start` up to and without `stop`; a view, not a copy. */
export function rowsOf({ data, shape, dtype }: HostArray, start: number, stop: number): HostArray {
  const width = sizeOf(shape.slice(1))
  return {
    data: data.subarray(start * width, stop * width) as TypedArray,
    shape: [stop - start, ...shape.slice(1)],
    dtype,
  }
}

/** Copies the rows that `order` names from `start` on into `target`, as many as fit. */
export function gatherRows(
  source: HostArray,
  order: Uint32Array,
  start: number,
  count: number,
  target: TypedArray,
): void {
  const width = sizeOf(source.shape.slice(1))
  const data = source.data
  if (data.constructor !== target.constructor)
    throw new ArgumentError('gatherRows: the two arrays differ in type')
  if (width === 1) {
    for (let i = 0; i < count; i++) target[i] = data[order[start + i] as number] as never
    return
  }
  // One type by the check above; TypeScript has no signature of set() for a union of arrays.
  const into = target as Float32Array
  for (let i = 0; i < count; i++) {
    const row = order[start + i] as number
    into.set((data as Float32Array).subarray(row * width, (row + 1) * width), i * width)
  }
}

/** A host array of numbers, for small things such as weights of classes. */
export const hostArray = (values: ArrayLike<number>, shape: Shape, dtype: DType = 'float32'): HostArray => ({
  data: toTyped(values, dtype),
  shape,
  dtype,
})
