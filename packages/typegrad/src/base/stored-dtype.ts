/** Element types that files may have, some of which no tensor has, and how their elements lie in memory. */
import { byteSize, type DType, dtypes, isFloating, type TypedArray, typedArray } from './dtype.ts'
import {
  type NarrowBits,
  type NarrowFloat,
  narrow,
  narrowArray,
  narrowFloats,
  widen,
} from './narrow-floats.ts'
import type { Work } from './work.ts'

/**
 * How a file stores elements: a dtype, or one that is narrower than any. These are read as `float32` and `int32`, which
 * hold them exactly.
 */
export const storedDTypes = [...dtypes, 'float8e4m3', 'float8e5m2', 'int8', 'int16', 'uint16'] as const
export type StoredDType = (typeof storedDTypes)[number]

/** What floating-point elements can be stored as. */
export const storedFloats = ['float64', 'float32', ...narrowFloats] as const
export type StoredFloat = (typeof storedFloats)[number]

interface IntegerArray {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayLike<number>
}

const small = { int8: Int8Array, int16: Int16Array, uint16: Uint16Array } satisfies Record<
  string,
  IntegerArray
>

const isSmallInteger = (stored: StoredDType): stored is keyof typeof small => Object.hasOwn(small, stored)
/**
 * Whether elements are read as they are. Those of bfloat16 become float32: files have them for weights, which are computed with.
 */
const isDType = (stored: StoredDType): stored is Exclude<DType, 'bfloat16'> =>
  stored !== 'bfloat16' && (dtypes as readonly StoredDType[]).includes(stored)

/** The dtype of a tensor that is read from such elements. */
export const readDType = (stored: StoredDType): DType =>
  isDType(stored) ? stored : isSmallInteger(stored) ? 'int32' : 'float32'

/** Bytes of one element in the file. */
export const storedSize = (stored: StoredDType): number =>
  isDType(stored)
    ? byteSize[stored]
    : isSmallInteger(stored)
      ? small[stored].BYTES_PER_ELEMENT
      : narrowArray(stored, 0).BYTES_PER_ELEMENT

/** Elements that are converted between two turns of the event loop, within a millisecond or two. */
const portion = 2 ** 18

/**
 * Elements as a file has them → as a tensor has them: a view of `bytes` where that is possible, and a copy where they
 * are converted, or begin where elements of their width cannot.
 */
export function* readWork(bytes: Uint8Array, stored: StoredDType): Work<TypedArray> {
  const width = storedSize(stored)
  const length = bytes.length / width
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes)
  if (isDType(stored)) return typedArray(stored, length, buffer, byteOffset)
  if (isSmallInteger(stored)) {
    const Elements: IntegerArray = small[stored]
    return Int32Array.from(new Elements(buffer, byteOffset, length))
  }
  const elements =
    width === 1 ? new Uint8Array(buffer, byteOffset, length) : new Uint16Array(buffer, byteOffset, length)
  return yield* widenWork(elements, stored)
}

function* widenWork(elements: NarrowBits, format: NarrowFloat): Work<Float32Array> {
  const values = new Float32Array(elements.length)
  for (let at = 0; at < values.length; at += portion) {
    if (at > 0) yield
    widen(format, elements, values, at, Math.min(at + portion, values.length))
  }
  return values
}

/**
 * Floating-point elements of a tensor → as a file or another tensor has them; themselves, where that is the same. What
 * becomes narrower is rounded to the nearest, float64 to float32 first, as in PyTorch.
 */
export function* convertWork(data: TypedArray, dtype: DType, stored: StoredFloat): Work<TypedArray> {
  if (stored === dtype) return data
  const isNarrow = dtype === 'float16' || dtype === 'bfloat16'
  const values = isNarrow ? yield* widenWork(data as Uint16Array, dtype) : (data as Float64Array)
  if (stored === 'float64') return Float64Array.from(values)
  const floats = values instanceof Float32Array ? values : Float32Array.from(values)
  if (stored === 'float32') return floats
  const narrowed = narrowArray(stored, floats.length)
  for (let at = 0; at < floats.length; at += portion) {
    if (at > 0) yield
    narrow(stored, floats, narrowed, at, Math.min(at + portion, floats.length))
  }
  return narrowed
}

/** What a tensor is stored as where a file is asked for `wanted`: only floating-point elements have a choice. */
export const storedAs = (dtype: DType, wanted: StoredFloat | undefined): DType | StoredFloat =>
  wanted !== undefined && isFloating(dtype) ? wanted : dtype

/** The bytes of a tensor's elements as they are stored: its own memory where nothing is converted. */
export function* writeWork(data: TypedArray, dtype: DType, stored: DType | StoredFloat): Work<Uint8Array> {
  const elements = stored === dtype ? data : yield* convertWork(data, dtype, stored as StoredFloat)
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)
}
