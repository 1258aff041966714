import { conversions } from '../base/conversions.ts'
import { type DType, dtypes, type TypedArray, typedArray } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'
import { type NarrowFloat, narrowFloats, widen } from '../base/narrow-floats.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import type { FileTensor, FileType } from '../onnx/file.ts'

/** A tensor of a file as typegrad's tensors have it. */
export interface Elements {
  readonly dtype: DType
  readonly shape: Shape
  readonly data: TypedArray
}

/**
 * What tensors of a file's type are here; undefined for those that none can hold. Halves become float32: models that were
 * stored in half precision are computed, and trained, in single. Narrow integers become int32, uint64 int64.
 */
export function importedDType(type: FileType): DType | undefined {
  if (type === 'float16' || isNarrowFloat(type)) return 'float32'
  if (type in narrowIntegers) return 'int32'
  if (type === 'uint64') return 'int64'
  return (dtypes as readonly string[]).includes(type) ? (type as DType) : undefined
}

const isNarrowFloat = (type: FileType): type is NarrowFloat & FileType =>
  (narrowFloats as readonly string[]).includes(type)

interface NarrowInteger {
  readonly bits: number
  readonly isSigned: boolean
}

/** Integers that are held in int32, which has all of them exactly. */
export const narrowIntegers = {
  int8: { bits: 8, isSigned: true },
  int16: { bits: 16, isSigned: true },
  uint16: { bits: 16, isSigned: false },
  int4: { bits: 4, isSigned: true },
  uint4: { bits: 4, isSigned: false },
  int2: { bits: 2, isSigned: true },
  uint2: { bits: 2, isSigned: false },
} as const satisfies { readonly [T in FileType]?: NarrowInteger }
export type NarrowIntegerType = keyof typeof narrowIntegers

export const isNarrowInteger = (type: FileType): type is NarrowIntegerType => type in narrowIntegers

/** The smallest and the largest element of a type of narrow integers. */
export function rangeOf(type: NarrowIntegerType | 'uint8'): readonly [smallest: number, largest: number] {
  const { bits, isSigned } = type === 'uint8' ? { bits: 8, isSigned: false } : narrowIntegers[type]
  return isSigned ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]
}

/** Bits of one element as they are stored. */
function storedBits(type: FileType): number {
  if (type in narrowIntegers) return narrowIntegers[type as NarrowIntegerType].bits
  return storedWidths[type as keyof typeof storedWidths] * 8
}

const storedWidths = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  float8e4m3: 1,
  float8e5m2: 1,
  int32: 4,
  int64: 8,
  uint8: 1,
  bool: 1,
  uint32: 4,
  uint64: 8,
} as const

/** Bytes that the elements take where they are stored as they lie in memory. */
export const storedBytes = (type: FileType, shape: Shape): number =>
  Math.ceil((sizeOf(shape) * storedBits(type)) / 8)

/**
 * The elements of a tensor.
 *
 * @param where the tensor's name, for errors.
 * @param external bytes of a tensor that is in another file.
 * @throws FormatError for elements that do not fill the shape, or whose type no tensor can hold.
 */
export function elementsOf(where: string, tensor: FileTensor, external?: Uint8Array): Elements {
  const { type, shape, content } = tensor
  const dtype = importedDType(type)
  if (dtype === undefined || content.kind === 'strings') {
    throw new FormatError({
      where: `onnxModel: tensor '${where}'`,
      expected: 'elements that tensors can hold',
      received: type,
    })
  }
  const size = sizeOf(shape)
  if (content.kind === 'numbers') {
    const isPacked = storedBits(type) < 8
    const expected = isPacked ? storedBytes(type, shape) : size
    if (content.numbers.length !== expected) throw misfit(where, tensor, `${content.numbers.length}`)
    const data = isPacked
      ? fromBytes(type, dtype, size, Uint8Array.from(content.numbers, Number))
      : fromNumbers(type, dtype, content.numbers)
    return { dtype, shape, data }
  }
  const bytes = content.kind === 'bytes' ? content.bytes : external
  const needed = storedBytes(type, shape)
  if (bytes === undefined || bytes.length !== needed)
    throw misfit(where, tensor, `${bytes?.length ?? 'no'} bytes in place of ${needed}`)
  return { dtype, shape, data: fromBytes(type, dtype, size, bytes) }
}

const misfit = (where: string, { type, shape }: FileTensor, received: string): FormatError =>
  new FormatError({
    where: `onnxModel: tensor '${where}'`,
    expected: `the ${sizeOf(shape)} elements of ${type} ${formatShape(shape)}`,
    received,
    fix: 'The file is damaged.',
  })

/** A copy: the bytes of a file are rarely aligned. */
function fromBytes(type: FileType, dtype: DType, size: number, bytes: Uint8Array): TypedArray {
  if (isNarrowFloat(type)) {
    const bits = type.startsWith('float8')
      ? new Uint8Array(bytes)
      : new Uint16Array(new Uint8Array(bytes).buffer)
    const values = new Float32Array(size)
    widen(type, bits, values)
    return values
  }
  if (isNarrowInteger(type)) return unpacked(narrowIntegers[type], size, bytes)
  const data = typedArray(dtype, size)
  new Uint8Array(data.buffer).set(bytes)
  return data
}

/** Integers of a few bits each, the first in the lowest. */
function unpacked({ bits, isSigned }: NarrowInteger, size: number, bytes: Uint8Array): Int32Array {
  const values = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    let value = 0
    if (bits === 16) value = (bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8)
    else value = ((bytes[Math.floor((i * bits) / 8)] as number) >> ((i * bits) % 8)) & (2 ** bits - 1)
    values[i] = isSigned ? (value << (32 - bits)) >> (32 - bits) : value
  }
  return values
}

/** Elements that a file has one by one: floats of 16 bits and less as their bits. */
function fromNumbers(type: FileType, dtype: DType, numbers: readonly (number | bigint)[]): TypedArray {
  if (isNarrowFloat(type)) {
    const stored = numbers.map(Number)
    const bits = type.startsWith('float8') ? Uint8Array.from(stored) : Uint16Array.from(stored)
    const values = new Float32Array(bits.length)
    widen(type, bits, values)
    return values
  }
  if (dtype === 'int64') return BigInt64Array.from(numbers, BigInt)
  return conversions[dtype](Array.from(numbers, Number))
}
