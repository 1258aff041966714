/**
 * The element types of tensors and the typed arrays that hold them in JavaScript.
 *
 * `float16` and `bfloat16` are storage types: their values travel as bits in a Uint16Array, those of IEEE 754 binary16, and
 * the upper half of those of float32.
 * `bool` is one byte an element, 0 or 1.
 */
export const dtypes = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int32',
  'int64',
  'uint8',
  'bool',
  'uint32',
] as const
export type DType = (typeof dtypes)[number]

export interface TypedArrayOf {
  float32: Float32Array
  float64: Float64Array
  float16: Uint16Array
  bfloat16: Uint16Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
  bool: Uint8Array
  uint32: Uint32Array
}

export type TypedArray = TypedArrayOf[DType]

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  uint32: Uint32Array,
} as const

/** Bytes of one element. */
export const byteSize: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  bool: 1,
  uint32: 4,
}

/** A zero-filled typed array of `length` elements, or a view of `buffer` from `byteOffset` on. */
export function typedArray<D extends DType>(dtype: D, length: number): TypedArrayOf[D]
export function typedArray<D extends DType>(
  dtype: D,
  length: number,
  buffer: ArrayBufferLike,
  byteOffset?: number,
): TypedArrayOf[D]
export function typedArray(
  dtype: DType,
  length: number,
  buffer?: ArrayBufferLike,
  byteOffset = 0,
): TypedArray {
  const Constructor = constructors[dtype]
  return buffer === undefined
    ? new Constructor(length)
    : new Constructor(buffer as ArrayBuffer, byteOffset, length)
}

/** A string that is the same for the same elements; unlike `join` it tells −0 from 0. */
export const elementsKey = (data: TypedArray): string =>
  Array.from<number | bigint>(data)
    .map((value) => (Object.is(value, -0) ? '-0' : value))
    .join()

export const isFloating = (dtype: DType): boolean =>
  dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16'

/** The dtype that a typed array stands for unless the caller names another; undefined for kinds that are not supported. */
export function dtypeOf(data: ArrayBufferView): DType | undefined {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof BigInt64Array) return 'int64'
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return 'uint8'
  if (data instanceof Uint32Array) return 'uint32'
  return undefined
}
