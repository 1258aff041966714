import { describe } from '../../base/describe.ts'
import { dtypeOf } from '../../base/dtype.ts'
import { ArgumentError, DataError } from '../../base/errors.ts'
import type { Shape } from '../../base/shape.ts'

/** One element of what layers on the host take. */
export type HostValue = string | number | bigint

/** Strings or numbers, alone or in nested arrays of one shape; numbers in typed arrays too. */
export type HostValues =
  | HostValue
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | Uint8Array
  | readonly HostValues[]

/** Values in row-major order with their shape. */
export interface HostBatch {
  readonly values: readonly HostValue[]
  readonly shape: Shape
}

const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const isValue = (value: unknown): value is HostValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'

/** What stands in an array or in a typed array of numbers; undefined for what is neither. */
function elementsOf(value: unknown): readonly unknown[] | Int32Array | BigInt64Array | undefined {
  if (isArray(value)) return value
  return ArrayBuffer.isView(value) && dtypeOf(value) !== undefined ? (value as Int32Array) : undefined
}

/**
 * Nested arrays as one list and a shape.
 *
 * @throws DataError naming the place where rows differ in length; ArgumentError for what is neither strings nor numbers.
 */
export function hostBatch(where: string, given: unknown): HostBatch {
  const shape: number[] = []
  for (let level = elementsOf(given); level !== undefined; level = elementsOf(level[0]))
    shape.push(level.length)
  if (isArray(given) && shape.length === 1 && given.every(isValue)) return { values: given, shape }
  const values: HostValue[] = []
  if (!collect(given, shape, 0, values)) throw misfit(where, given, shape)
  return { values, shape }
}

/** Appends the values of nested arrays of a shape; false where something does not fit. */
function collect(given: unknown, shape: Shape, axis: number, into: HostValue[]): boolean {
  if (axis === shape.length) {
    if (!isValue(given)) return false
    into.push(given)
    return true
  }
  const elements = elementsOf(given)
  if (elements === undefined || elements.length !== shape[axis]) return false
  for (let i = 0; i < elements.length; i++) if (!collect(elements[i], shape, axis + 1, into)) return false
  return true
}

/** What is wrong with nested arrays, and where it stands in them. */
function misfit(where: string, given: unknown, shape: Shape, axis = 0, path = ''): Error {
  const elements = elementsOf(given)
  if (axis === shape.length) {
    return new ArgumentError({
      where,
      expected: `strings or numbers in nested arrays${path === '' ? '' : `, at ${path}`}`,
      received: describe(given),
      fix: 'The layer works on the host: give it arrays, and its output to the model.',
    })
  }
  if (elements?.length !== shape[axis]) {
    return new DataError({
      where,
      expected: `${shape[axis]} elements at ${path || 'the top'}, as in the first row`,
      received: elements === undefined ? describe(given) : `${elements.length}`,
      fix: 'Pad the rows to one length, or give them one by one.',
    })
  }
  const inner = Array.from<unknown>(elements as readonly unknown[])
  const at = inner.findIndex((element) => !collect(element, shape, axis + 1, []))
  return misfit(where, inner[at], shape, axis + 1, `${path}[${at}]`)
}

const bytes = new TextEncoder()

/** A string in UTF-8. */
export const utf8 = (text: string): Uint8Array => bytes.encode(text)

/** Writes a string in UTF-8, and says how many bytes it has: at most three for each of its units. */
export const utf8Into = (text: string, into: Uint8Array): number => bytes.encodeInto(text, into).written

/** Order of strings by their bytes in UTF-8, which is that of their code points. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x === y) continue
    // Surrogates stand for code points above all others.
    const [isX, isY] = [x >= 0xd800 && x < 0xe000, y >= 0xd800 && y < 0xe000]
    return isX === isY ? x - y : isX ? 1 : -1
  }
  return a.length - b.length
}

/** A whole number as TensorFlow writes it; fractions are cut off first. */
export function integerText(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value)
  const whole = Math.trunc(value)
  // Beyond 53 bits a number's own text rounds what it stands for.
  return String(Number.isSafeInteger(whole) ? whole : BigInt(whole))
}
