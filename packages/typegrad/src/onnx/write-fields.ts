import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

export function writeString(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value)
}

/** An int64. Numbers past its range, such as the "to the end" of a slice, stop at its ends. */
export function writeInt(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint)
  if (value >= 0 && value <= 0x7fffffff) writer.uint32(value)
  else writer.int64(Number.isSafeInteger(value) ? value : clampToInt64(value))
}

function clampToInt64(value: number): bigint {
  if (value >= 2 ** 63) return 2n ** 63n - 1n
  if (value <= -(2 ** 63)) return -(2n ** 63n)
  return BigInt(value)
}
