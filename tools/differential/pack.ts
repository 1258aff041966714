/**
 * Many cases in one small file: the elements of all arrays one behind the other, after the JSON that they stand in, all
 * of it compressed. Written: the length of the JSON (4 bytes, little-endian), the JSON, the elements.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { isArrayJson } from './arrays.ts'
import { isJsonList, isJsonObject, type Json } from './json.ts'

export function packed(value: Json): Uint8Array {
  const parts: Buffer[] = []
  let at = 0
  const outside = (item: Json): Json => {
    if (isArrayJson(item)) {
      const bytes = Buffer.from(item.base64, 'base64')
      parts.push(bytes)
      const start = at
      at += bytes.length
      return { dtype: item.dtype, shape: item.shape, bytes: [start, bytes.length] }
    }
    if (isJsonList(item)) return item.map(outside)
    if (!isJsonObject(item)) return item
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, outside(inner)]))
  }
  const text = Buffer.from(JSON.stringify(outside(value)))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  return brotliCompressSync(Buffer.concat([length, text, ...parts]), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  })
}

export function unpacked(file: Uint8Array): Json {
  const all = brotliDecompressSync(file)
  const start = 4 + all.readUInt32LE(0)
  const inside = (item: Json): Json => {
    if (isJsonList(item)) return item.map(inside)
    if (!isJsonObject(item)) return item
    if (isJsonList(item.bytes) && isJsonList(item.shape)) {
      const [at, length] = item.bytes as readonly [number, number]
      const { bytes: _, ...rest } = item
      return { ...rest, base64: all.subarray(start + at, start + at + length).toString('base64') }
    }
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, inside(inner)]))
  }
  return inside(JSON.parse(all.subarray(4, start).toString()) as Json)
}
