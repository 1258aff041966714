import { byteSize, type DType, type TypedArrayOf, typedArray } from './dtype.ts'

/** Below this JavaScript's own arrays, which are zeroed, come sooner. */
const leastBytes = 1 << 14

/** Node.js gives memory as the allocator has it; a browser has zeroed memory alone. */
const platform = globalThis as {
  readonly Buffer?: { allocUnsafeSlow?(bytes: number): Uint8Array<ArrayBuffer> }
}

/** What tests fill such memory with; undefined: it is left as it is. */
let filling: number | undefined

/**
 * A typed array of whatever its memory held before, for what is written whole before anything reads it: the results of runs, batches.
 * Zeroing 400 kB takes 105 µs, ten times as long as having them.
 */
export function unwrittenArray<D extends DType>(dtype: D, length: number): TypedArrayOf[D] {
  const bytes = length * byteSize[dtype]
  const allocate = platform.Buffer?.allocUnsafeSlow
  if (allocate === undefined || bytes < leastBytes) {
    const array = typedArray(dtype, length)
    if (filling !== undefined) new Uint8Array(array.buffer).fill(filling)
    return array
  }
  const memory = allocate(bytes)
  if (filling !== undefined) memory.fill(filling)
  return typedArray(dtype, length, memory.buffer, memory.byteOffset)
}

/** Fills such memory with ones in all bits from now on, so that a float that nothing wrote is NaN: for tests. */
export const markUnwritten = (): void => {
  filling = 0xff
}
