/** `saving/`: parts of a saved model: numbers as text, and readers that believe nothing. It knows no other folder. */
import { FormatError } from 'typegrad/core'

type Typed = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const damaged = (name: string, expected: string, received: unknown): FormatError =>
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

/** Numbers as text: the bytes of the array, least significant first, in base 64. */
export function encodeNumbers(values: Typed): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  let text = ''
  for (let start = 0; start < bytes.length; start += 8192)
    text += String.fromCharCode(...bytes.subarray(start, start + 8192))
  return btoa(text)
}

/** What {@link encodeNumbers} was given. @throws FormatError for something else. */
export function decodeNumbers<T extends Typed>(
  saved: unknown,
  name: string,
  make: { new (buffer: ArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
): T {
  const text = readText(saved, name)
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0)
    throw damaged(name, 'numbers in base 64', 'text')
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  if (bytes.length % make.BYTES_PER_ELEMENT !== 0) throw damaged(name, 'whole numbers of bytes', 'text')
  return new make(bytes.buffer)
}
