import { type ArrayJson, arrayJson, numbersOf, sizeOf } from './arrays.ts'

/** Smaller and plainer arrays: a size that several axes share is cut everywhere, then elements become round. */
export function* shrunkArrays(arrays: readonly ArrayJson[]): Iterable<ArrayJson[]> {
  const sizes = [...new Set(arrays.flatMap(({ shape }) => shape))].filter((d) => d > 1).sort((a, b) => b - a)
  for (const size of sizes)
    for (const smaller of new Set([1, Math.ceil(size / 2), size - 1]))
      yield arrays.map((array) => resized(array, size, smaller))
  for (const [i, array] of arrays.entries()) {
    for (const [axis, d] of array.shape.entries())
      if (d > 1) yield arrays.map((other, j) => (i === j ? cropped(array, axis, 1) : other))
    const values = numbersOf(array)
    for (const plain of [
      values.map(() => 1),
      values.map((v) => Math.round(v)),
      values.map((v) => Math.round(v * 4) / 4),
    ])
      if (plain.some((v, k) => !Object.is(v, values[k]) && !Number.isNaN(v)))
        yield arrays.map((other, j) => (i === j ? arrayJson(array.dtype, array.shape, plain) : other))
  }
}

const resized = (array: ArrayJson, from: number, to: number): ArrayJson =>
  array.shape.reduce((result, d, axis) => (d === from ? cropped(result, axis, to) : result), array)

/** The first `length` elements along an axis. */
export function cropped(array: ArrayJson, axis: number, length: number): ArrayJson {
  const { shape, dtype } = array
  const inner = sizeOf(shape.slice(axis + 1))
  const period = inner * (shape[axis] as number)
  const values = numbersOf(array).filter((_, i) => i % period < inner * length)
  return arrayJson(dtype, shape.with(axis, length), values)
}
