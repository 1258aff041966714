import { complete, paced, type Work } from '../base/work.ts'

/** Something that is done to elements from `start` to `stop`. */
export type Look = (start: number, stop: number) => void

/** So many elements are looked at on the spot. */
const fewElements = 1 << 16

/** Elements that are looked at between two looks at the clock; few, since V8 has not optimized the first looks. */
const stride = 1 << 13

/**
 * Looks at the elements of arrays, of which each has its length and its look: at few of them on the spot, at many with
 * turns of the event loop in between.
 */
export function inSlices(arrays: readonly (readonly [length: number, look: Look])[]): void | Promise<void> {
  const looks = lookWork(arrays)
  if (arrays.some(([length]) => length > fewElements)) return paced(looks)
  complete(looks)
}

function* lookWork(arrays: readonly (readonly [length: number, look: Look])[]): Work<void> {
  for (const [length, look] of arrays) {
    for (let start = 0; start < length; start += stride) {
      look(start, Math.min(start + stride, length))
      yield
    }
  }
}
