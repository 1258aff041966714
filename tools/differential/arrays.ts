import { type Tensor, tensor } from 'typegrad'
import type { DType } from 'typegrad/engine'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** An array within JSON: little-endian bytes in base64. Every float survives, NaN and −0 too. */
export interface ArrayJson extends JsonObject {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly base64: string
}

export const isArrayJson = (value: Json | undefined): value is ArrayJson =>
  isJsonObject(value) && typeof value.base64 === 'string' && typeof value.dtype === 'string'

const views = {
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

/** The elements in a typed array of their own memory. */
export function elementsOf({ dtype, base64 }: ArrayJson) {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  return new views[dtype](bytes.buffer)
}

/** The elements as JavaScript numbers; those of int64 beyond 2⁵³ are rounded. */
export const numbersOf = (array: ArrayJson): number[] =>
  Array.from<number | bigint, number>(elementsOf(array), Number)

export function arrayJson(dtype: DType, shape: readonly number[], values: ArrayLike<number>): ArrayJson {
  const data =
    dtype === 'int64' ? BigInt64Array.from(Array.from(values, BigInt)) : new views[dtype](Array.from(values))
  return { dtype, shape, base64: Buffer.from(data.buffer).toString('base64') }
}

export const bytesJson = (bytes: Uint8Array): ArrayJson => ({
  dtype: 'uint8',
  shape: [bytes.length],
  base64: Buffer.from(bytes).toString('base64'),
})

export const tensorOf = (array: ArrayJson): Tensor =>
  tensor(elementsOf(array), { shape: array.shape, dtype: array.dtype })

export async function tensorJson(t: Tensor): Promise<ArrayJson> {
  const data = await t.data()
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return { dtype: t.dtype, shape: [...t.shape], base64: bytes.toString('base64') }
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, d) => size * d, 1)

/** Arrays as short nested text for printed programs: `[[1, 2], [3, 4]]`. */
export function nestedText(array: ArrayJson, number: (value: number) => string): string {
  const flat = numbersOf(array)
  let at = 0
  const level = (axis: number): string => {
    if (axis === array.shape.length) return number(flat[at++] as number)
    return `[${Array.from({ length: array.shape[axis] as number }, () => level(axis + 1)).join(', ')}]`
  }
  return level(0)
}
