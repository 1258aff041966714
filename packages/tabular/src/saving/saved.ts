/**
 * `saving/`: a model as plain values, the container that keeps them, and readers that believe nothing. It knows no other folder.
 */
import { FormatError } from 'typegrad/core'

/** Numbers that are kept as bytes. */
export type SavedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Uint16Array
  | Int8Array
  | Uint8Array

/** What a part of a model may be kept as: what JSON has (NaN and the infinities too), and typed arrays, at any depth. */
export type Saved =
  | null
  | boolean
  | number
  | string
  | SavedArray
  | readonly Saved[]
  | { readonly [name: string]: Saved | undefined }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

export const damaged = (name: string, expected: string, received: unknown): FormatError =>
  new FormatError({
    where: `table model: ${name}`,
    expected,
    received: received === undefined ? 'nothing' : Array.isArray(received) ? 'other values' : typeof received,
    fix: 'The file is damaged: restore it from a copy, or train the model again.',
  })

/** A part of what was saved. @throws FormatError for something else. */
export function readPart(saved: unknown, name: string): unknown {
  if (isObject(saved) && Object.hasOwn(saved, name)) return saved[name]
  throw damaged(name, 'a part of the model', undefined)
}

/** @throws FormatError for something else. */
export function readNumber(saved: unknown, name: string): number {
  const found = readPart(saved, name)
  if (typeof found === 'number') return found
  throw damaged(name, 'a number', found)
}

/** @throws FormatError for something else. */
export function readNumbers(saved: unknown, name: string): readonly number[] {
  const found = readPart(saved, name)
  if (Array.isArray(found) && found.every((value) => typeof value === 'number')) return found
  throw damaged(name, 'numbers', found)
}

/** @throws FormatError for something else. */
export function readList(saved: unknown, name: string): readonly unknown[] {
  const found = readPart(saved, name)
  if (Array.isArray(found)) return found
  throw damaged(name, 'a list', found)
}

/** @throws FormatError for something else. */
export function readText<T extends string>(saved: unknown, name: string, known?: readonly T[]): T {
  const found = readPart(saved, name)
  if (typeof found === 'string' && (known === undefined || known.includes(found as T))) return found as T
  throw damaged(name, known === undefined ? 'a text' : `one of ${known.join(', ')}`, found)
}

/**
 * A typed array of one of some types.
 *
 * @example
 * const weights = readArray(saved, 'weights', Float32Array, Float64Array)
 * @throws FormatError for something else.
 */
export function readArray<const M extends readonly ArrayMaker[]>(
  saved: unknown,
  name: string,
  ...types: M
): InstanceType<M[number]> {
  const found = readPart(saved, name)
  for (const type of types) if (found instanceof type) return found as InstanceType<M[number]>
  throw damaged(name, types.map((type) => type.name).join(' or '), found)
}

interface ArrayMaker {
  new (length: number): SavedArray
  readonly name: string
}
