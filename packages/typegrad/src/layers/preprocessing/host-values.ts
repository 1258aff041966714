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

/** Numbers of a typed array. */
function typedNumbers(value: ArrayBufferView): readonly HostValue[] | undefined {
  return dtypeOf(value) === undefined
    ? undefined
    : Array.from<number | bigint>(value as Int32Array | BigInt64Array)
}

/**
 * Nested arrays as one list and a shape.
 *
 * @throws DataError naming the place where rows differ in length; ArgumentError for what is neither strings nor numbers.
 */
export function hostBatch(where: string, given: unknown): HostBatch {
  const shape: number[] = []
  for (
    let level = given;
    isArray(level) || ArrayBuffer.isView(level);
    level = isArray(level) ? level[0] : undefined
  )
    shape.push(isArray(level) ? level.length : (typedNumbers(level)?.length ?? 0))
  const values: HostValue[] = []
  const visit = (value: unknown, axis: number, path: string): void => {
    const row = ArrayBuffer.isView(value) ? typedNumbers(value) : value
    if (axis < shape.length) {
      if (isArray(row) && row.length === shape[axis]) {
        for (const [i, item] of row.entries()) visit(item, axis + 1, `${path}[${i}]`)
        return
      }
      throw new DataError({
        where,
        expected: `${shape[axis]} elements at ${path || 'the top'}, as in the first row`,
        received: isArray(row) ? `${row.length}` : describe(value),
        fix: 'Pad the rows to one length, or give them one by one.',
      })
    }
    if (typeof row !== 'string' && typeof row !== 'number' && typeof row !== 'bigint') {
      throw new ArgumentError({
        where,
        expected: `strings or numbers in nested arrays${path === '' ? '' : `, at ${path}`}`,
        received: describe(value),
        fix: 'The layer works on the host: give it arrays, and its output to the model.',
      })
    }
    values.push(row)
  }
  visit(given, 0, '')
  return { values, shape }
}

const bytes = new TextEncoder()

/** A string in UTF-8. */
export const utf8 = (text: string): Uint8Array => bytes.encode(text)

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
export const integerText = (value: number | bigint): string =>
  typeof value === 'bigint' ? String(value) : String(BigInt(Math.trunc(value)))
