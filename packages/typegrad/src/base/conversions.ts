import { Float16Array } from '@petamoriken/float16'
import type { DType, TypedArray } from './dtype.ts'

/** Numbers → elements of a dtype. Integers are truncated, as typed arrays do; bool is "not zero". */
export const conversions: { readonly [D in DType]: (values: ArrayLike<number>) => TypedArray } = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => Float64Array.from(values),
  float16: (values) => {
    const bits = new Uint16Array(values.length)
    new Float16Array(bits.buffer).set(values)
    return bits
  },
  int32: (values) => Int32Array.from(values),
  int64: (values) => BigInt64Array.from({ length: values.length }, (_, i) => BigInt(values[i] as number)),
  uint8: (values) => Uint8Array.from(values),
  bool: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
  uint32: (values) => Uint32Array.from(values),
}

/** Elements of a dtype → what JavaScript can calculate with: numbers, or bigints of int64. */
export function toNumbers(data: TypedArray, dtype: DType): ArrayLike<number | bigint> {
  if (dtype !== 'float16') return data
  return new Float16Array(data.buffer as ArrayBuffer, data.byteOffset, data.length)
}
