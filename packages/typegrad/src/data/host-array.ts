import { describe } from '../base/describe.ts'
import { type DType, dtypeOf, type TypedArray, typedArray } from '../base/dtype.ts'
import { ArgumentError, DataError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import { flattenNested } from '../tensor/create.ts'
import { computedSource, fromData, type NestedArray, Tensor } from '../tensor/tensor.ts'

/** Samples in JavaScript's memory, the first dimension counting them. */
export interface HostArray {
  readonly data: TypedArray
  readonly shape: Shape
  readonly dtype: DType
  /** The tensor that has just these elements and this shape, if the data is one. */
  readonly tensor?: Tensor
}

/** What users hand in as data: a tensor, a typed array of all samples in a row, or nested arrays. */
export type ArrayData =
  | Tensor
  | TypedArray
  | Uint8ClampedArray
  | readonly TypedArray[]
  | NestedArray
  | NestedArray<boolean>

/** Gives data that is one row of numbers the shape that it is meant to have. */
type Fit = (array: HostArray, isTyped: boolean) => HostArray

/**
 * Data as one array in memory; nothing is copied that is in memory already.
 *
 * @param fit gives a shape to what has none: a typed array, and plain numbers.
 * @throws DataError for ragged arrays (naming the place) and for arrays that do not fill whole samples.
 */
export async function toHostArray(
  where: string,
  value: unknown,
  fit: Fit = (array) => array,
): Promise<HostArray> {
  if (value instanceof Tensor) return fit(await hostArrayOf(value), false)
  if (ArrayBuffer.isView(value)) return fit(fromTyped(where, value), true)
  if (Array.isArray(value)) return fit(await fromNested(where, value), false)
  throw new ArgumentError({
    where,
    expected: 'a tensor, a typed array or nested arrays of numbers',
    received: describe(value),
    ...(value instanceof Promise ? { fix: 'Await it first.' } : {}),
  })
}

/** A tensor's elements; where the engine has them in JavaScript's memory, they are not copied. */
export async function hostArrayOf(tensor: Tensor): Promise<HostArray> {
  const { host } = await computedSource(tensor)
  const { shape, dtype } = tensor
  return { data: host ?? (await tensor.data()), shape, dtype, tensor }
}

function fromTyped(where: string, value: ArrayBufferView): HostArray {
  const dtype = dtypeOf(value)
  if (dtype === undefined) {
    throw new ArgumentError({
      where,
      expected: 'a Float32Array, Float64Array, Int32Array, BigInt64Array or Uint8Array',
      received: value.constructor.name,
      fix: 'Convert it: Float32Array.from(values).',
    })
  }
  const length = (value as TypedArray).length
  // Node's Buffer and clamped bytes are bytes like others.
  const data = typedArray(dtype, length, value.buffer, value.byteOffset)
  return { data, shape: [length], dtype }
}

/** Nested arrays row by row, in slices: a million rows must not stop the event loop. */
async function fromNested(where: string, rows: readonly unknown[]): Promise<HostArray> {
  const pacer = new Pacer()
  const rowShape = rows.length === 0 ? [] : flatRow(rows[0], `${where}[0]`).shape
  const width = sizeOf(rowShape)
  const data = typedArray('float32', rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]
    if (rowShape.length === 0 && typeof row === 'number') data[i] = row
    else {
      const { values, shape } = flatRow(row, `${where}[${i}]`)
      if (!sameShape(shape, rowShape)) {
        throw new DataError({
          where,
          expected: `rows of one shape, ${formatShape(rowShape)} as in row 0`,
          received: `${formatShape(shape)} in row ${i}`,
          fix: 'Ragged arrays have no shape: pad the rows or drop the incomplete ones.',
        })
      }
      data.set(values, i * width)
    }
    if (i % 64 === 0 && pacer.due()) await pacer.turn()
  }
  return { data, shape: [rows.length, ...rowShape], dtype: 'float32' }
}

function flatRow(row: unknown, path: string): { values: ArrayLike<number>; shape: Shape } {
  if (ArrayBuffer.isView(row) && !(row instanceof BigInt64Array) && dtypeOf(row) !== undefined) {
    const values = row as Float32Array
    return { values, shape: [values.length] }
  }
  const values: (number | bigint)[] = []
  const shape = flattenNested(row, values, path)
  return {
    values: values.some((value) => typeof value === 'bigint') ? values.map(Number) : (values as number[]),
    shape,
  }
}

/**
 * Samples of this shape: a typed array is cut into them, plain numbers stand for samples of one feature.
 *
 * @param sampleShape what one sample looks like, without the batch, as far as it is known.
 */
export const asSamples =
  (where: string, sampleShape: readonly (number | null)[] | undefined): Fit =>
  (array, isTyped) => {
    const wanted = knownShape(sampleShape)
    if (wanted === undefined || wanted.length === 0 || array.shape.length !== 1) return array
    const width = sizeOf(wanted)
    if (!isTyped && width !== 1) return array
    if (array.data.length % width !== 0) {
      throw new DataError({
        where,
        expected: `whole samples of shape ${formatShape(wanted)}, ${width} elements each`,
        received: `${array.data.length} elements`,
        fix: 'Cut the data to whole samples, or build the model for another inputShape.',
      })
    }
    return shaped(array, [array.data.length / width, ...wanted])
  }

/**
 * Labels for so many samples: a typed array is cut into rows of the output's shape, or into class numbers for
 * it, which lack the last dimension.
 */
export const asLabels =
  (samples: number, outputShape: readonly (number | null)[] | undefined): Fit =>
  (array, isTyped) => {
    const wanted = knownShape(outputShape)
    if (wanted === undefined || !isTyped || array.data.length === samples) return array
    const shape = [wanted, wanted.slice(0, -1)].find((s) => samples * sizeOf(s) === array.data.length)
    return shape === undefined ? array : shaped(array, [samples, ...shape])
  }

/** The same elements in another shape. */
const shaped = ({ data, dtype }: HostArray, shape: Shape): HostArray => ({ data, shape, dtype })

const knownShape = (shape: readonly (number | null)[] | undefined): Shape | undefined =>
  shape === undefined || shape.some((d) => d === null) ? undefined : (shape as Shape)

/** Rows from `start` up to and without `stop`; a view, not a copy. */
export function rowsOf({ data, shape, dtype }: HostArray, start: number, stop: number): HostArray {
  const width = sizeOf(shape.slice(1))
  return {
    data: data.subarray(start * width, stop * width) as TypedArray,
    shape: [stop - start, ...shape.slice(1)],
    dtype,
  }
}

/** Copies so many rows from `start` on into `target`. */
export function copyRows(source: HostArray, start: number, count: number, target: TypedArray): void {
  // One type, since both are of one dtype; TypeScript has no signature of set() for a union of arrays.
  ;(target as Float32Array).set(rowsOf(source, start, start + count).data as Float32Array)
}

/** Copies the rows that `order` names from `start` on into `target`, as many as fit. */
export function gatherRows(
  source: HostArray,
  order: ArrayLike<number>,
  start: number,
  count: number,
  target: TypedArray,
): void {
  const width = sizeOf(source.shape.slice(1))
  // One type, as above.
  const [from, into] = [source.data as Float32Array, target as Float32Array]
  if (width === 1) {
    for (let i = 0; i < count; i++) into[i] = from[order[start + i] as number] as number
    return
  }
  for (let i = 0; i < count; i++) {
    const row = order[start + i] as number
    into.set(from.subarray(row * width, (row + 1) * width), i * width)
  }
}

/** An array as the tensor that it was read from, or as one that shares its memory. */
export const toTensor = ({ data, shape, dtype, tensor }: HostArray): Tensor =>
  tensor ?? fromData(data, shape, dtype)
