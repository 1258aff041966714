import { f16round } from '@petamoriken/float16'
import { conversions, toNumbers } from '../base/conversions.ts'
import { type DType, isFloating, type TypedArray } from '../base/dtype.ts'
import { type Shape, sizeOf, stridesOf } from '../base/shape.ts'

/** More elements than this are abbreviated to those at the edges of each dimension, as NumPy does. */
const threshold = 1000
const edge = 3
/** Digits behind the point at most, as in NumPy. */
const precision = 8
/** Characters of a line before elements go on in the next one. */
const lineWidth = 75

/**
 * Elements as nested rows, abbreviated as NumPy's: `[[1.5, 2], …]` with columns of one width.
 *
 * @example
 * previewOf(Float32Array.of(1, 2.5, 3, 4), [2, 2], 'float32') // '[[1.0, 2.5],\n [3.0, 4.0]]'
 */
export function previewOf(data: TypedArray, shape: Shape, dtype: DType): string {
  const size = sizeOf(shape)
  if (size === 0) return '[]'
  const numbers = toNumbers(data, dtype)
  const isShort = size > threshold
  const strides = stridesOf(shape)
  /** Positions along an axis that are shown; null stands for those that are left out. */
  const shownAlong = (axis: number): readonly (number | null)[] => {
    const length = shape[axis] as number
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
    return isShort && length > 2 * edge
      ? [...range(0, edge), null, ...range(length - edge, length)]
      : range(0, length)
  }
  const shown = shape.map((_, axis) => shownAlong(axis))

  const elements: (number | bigint)[] = []
  const collect = (axis: number, offset: number): void => {
    if (axis === shape.length) elements.push(numbers[offset] as number | bigint)
    else
      for (const i of shown[axis] as readonly (number | null)[])
        if (i !== null) collect(axis + 1, offset + i * (strides[axis] as number))
  }
  collect(0, 0)
  const texts = textsOf(elements, dtype)
  const width = Math.max(...texts.map((text) => text.length))
  let next = 0

  const rows = (axis: number): string => {
    if (axis === shape.length) return (texts[next++] as string).padStart(shape.length === 0 ? 0 : width)
    const indent = ' '.repeat(axis + 1)
    const parts = (shown[axis] as readonly (number | null)[]).map((i) =>
      i === null ? '...' : rows(axis + 1),
    )
    if (axis < shape.length - 1)
      return `[${parts.join(`,\n${'\n'.repeat(shape.length - 2 - axis)}${indent}`)}]`
    return `[${wrapped(parts, indent)}]`
  }
  return rows(0)
}

/** Elements of the last dimension, on as many lines as they take. */
function wrapped(parts: readonly string[], indent: string): string {
  let line = indent
  const lines: string[] = []
  for (const [i, part] of parts.entries()) {
    const text = i === parts.length - 1 ? part : `${part},`
    if (line.length > indent.length && line.length + 1 + text.length > lineWidth) {
      lines.push(line)
      line = indent
    }
    line += line.length > indent.length ? ` ${text}` : text
  }
  return [...lines, line].join('\n').slice(indent.length)
}

/** Elements as texts: all with an exponent or none, and with equally many digits behind the point. */
function textsOf(elements: readonly (number | bigint)[], dtype: DType): string[] {
  if (dtype === 'bool') return elements.map((element) => String(element !== 0))
  if (!isFloating(dtype)) return elements.map(String)
  const numbers = elements as readonly number[]
  const sizes = numbers.filter((x) => Number.isFinite(x) && x !== 0).map(Math.abs)
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)]
  // The rule of NumPy's arrays.
  const hasExponent = sizes.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000)
  const finite = numbers.filter(Number.isFinite)
  const digits = Math.max(0, ...finite.map((x) => digitsOf(x, dtype, hasExponent)))
  return numbers.map((x) => {
    if (!Number.isFinite(x)) return String(x)
    return hasExponent ? x.toExponential(digits) : x.toFixed(digits)
  })
}

const roundings: Readonly<Record<string, (x: number) => number>> = {
  float16: f16round,
  bfloat16: (x) => Number(toNumbers(conversions.bfloat16([x]), 'bfloat16')[0]),
  float32: Math.fround,
}

/** How many digits behind the point it takes to tell a number from its neighbours of the dtype. */
function digitsOf(x: number, dtype: DType, hasExponent: boolean): number {
  const round = roundings[dtype] ?? ((y: number) => y)
  for (let digits = 0; digits < precision; digits++) {
    if (round(Number(hasExponent ? x.toExponential(digits) : x.toFixed(digits))) === x) return digits
  }
  return precision
}
