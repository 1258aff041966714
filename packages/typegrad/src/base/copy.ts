import type { TypedArray } from './dtype.ts'
import { Pacer } from './turn.ts'

/** Bytes that are copied between two looks at the clock. */
const stride = 1 << 21

/** A copy of elements that do not change meanwhile, in slices: a large one takes longer than a turn may. */
export async function copyInSlices(data: TypedArray): Promise<TypedArray> {
  if (data.byteLength <= stride) return data.slice()
  const copy = new (data.constructor as new (length: number) => TypedArray)(data.length)
  await copyInto(copy, data)
  return copy
}

/** Writes elements over as many of the same kind, in slices. */
export const copyInto = (target: TypedArray, data: TypedArray): Promise<void> =>
  writeInSlices(asBytes(target), [asBytes(data)])

const asBytes = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** Parts one after the other, in slices. */
export async function joinInSlices(parts: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  await writeInSlices(joined, parts)
  return joined
}

async function writeInSlices(into: Uint8Array, parts: readonly Uint8Array[]): Promise<void> {
  const pacer = new Pacer()
  let position = 0
  for (const part of parts) {
    for (let start = 0; start < part.length; start += stride) {
      const slice = part.subarray(start, start + stride)
      into.set(slice, position)
      position += slice.length
      if (pacer.due()) await pacer.turn()
    }
  }
}
