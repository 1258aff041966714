import { Float16Array } from '@petamoriken/float16'
import { type DType, isFloating, type TypedArray } from './dtype.ts'
import { narrow, widen } from './narrow-floats.ts'

/** Numbers → elements of a dtype. Integers are truncated, as typed arrays do; bool is "not zero". */
export const conversions: { readonly [D in DType]: (values: ArrayLike<number>) => TypedArray } = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => Float64Array.from(values),
  float16: (values) => {
    const bits = new Uint16Array(values.length)
    new Float16Array(bits.buffer).set(values)
    return bits
  },
  bfloat16: (values) => {
    const bits = new Uint16Array(values.length)
    narrow('bfloat16', Float32Array.from(values), bits)
    return bits
  },
  int32: (values) => Int32Array.from(values),
  int64: (values) =>
    BigInt64Array.from({ length: values.length }, (_, i) => BigInt(Math.trunc(values[i] as number))),
  uint8: (values) => Uint8Array.from(values),
  bool: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
  uint32: (values) => Uint32Array.from(values),
}

/** The smallest and the largest element of each dtype of integers. */
export const integerRanges: Readonly<Partial<Record<DType, readonly [smallest: bigint, largest: bigint]>>> = {
  bool: [0n, 1n],
  uint8: [0n, 255n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
}

/** Whether a number can be an element of this dtype: whole and in range, or the dtype is floating. */
export function fitsDType(value: number | bigint, dtype: DType): boolean {
  if (isFloating(dtype)) return true
  const [smallest, largest] = integerRanges[dtype] as readonly [bigint, bigint]
  // The comparison of a number with a bigint is exact.
  return (typeof value === 'bigint' || Number.isInteger(value)) && value >= smallest && value <= largest
}

/** Elements of a dtype → what JavaScript can calculate with: numbers, or bigints of int64. */
export function toNumbers(data: TypedArray, dtype: DType): ArrayLike<number | bigint> {
  if (dtype === 'bfloat16') {
    const numbers = new Float32Array(data.length)
    widen(dtype, data as Uint16Array, numbers)
    return numbers
  }
  if (dtype !== 'float16') return data
  return new Float16Array(data.buffer as ArrayBuffer, data.byteOffset, data.length)
}
