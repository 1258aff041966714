import { FormatError } from 'typegrad/core'
import { fromJson, readZip, toJson, writeZip } from 'typegrad/formats'
import type { Saved, SavedArray } from './saved.ts'

/** The types of arrays by the names that the file has. */
const arrayTypes = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
} as const satisfies Record<string, { new (buffer: ArrayBuffer): SavedArray }>

type ArrayType = keyof typeof arrayTypes

/** In the place of an array in JSON: which file of the archive has its bytes. */
const key = '$array'
const jsonFile = 'model.json'

/**
 * A value as the bytes of a zip archive, whose entries have checksums: JSON, and the bytes of each typed array (least significant first)
 * in a file of its own, compressed. The same value gives the same bytes.
 */
export function packSaved(value: Saved): Uint8Array<ArrayBuffer> {
  const files: Record<string, Uint8Array> = {}
  let arrays = 0
  const withoutArrays = (part: Saved): unknown => {
    if (ArrayBuffer.isView(part)) {
      const name = `arrays/${arrays++}`
      files[name] = new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
      return { [key]: name, type: typeOf(part) }
    }
    if (Array.isArray(part)) return part.map(withoutArrays)
    if (typeof part !== 'object' || part === null) return part
    const known = Object.entries(part).filter(([, of]) => of !== undefined)
    return Object.fromEntries(known.map(([name, of]) => [name, withoutArrays(of ?? null)]))
  }
  const json = JSON.stringify(toJson(withoutArrays(value)))
  return writeZip({ [jsonFile]: new TextEncoder().encode(json), ...files }, { isCompressed: true })
}

const typeOf = (array: SavedArray): ArrayType =>
  (Object.keys(arrayTypes) as ArrayType[]).find((name) => array instanceof arrayTypes[name]) ?? 'uint8'

/** What {@link packSaved} was given. @throws FormatError for an archive that is damaged, or is no model at all. */
export function unpackSaved(bytes: Uint8Array, where: string): unknown {
  const files = readZip(bytes, where)
  const refused = (expected: string, received: string, cause?: unknown): FormatError =>
    new FormatError(
      { where, expected, received, fix: 'Restore it from a copy, or train the model again.' },
      { cause },
    )
  const json = files.get(jsonFile)
  if (json === undefined) throw refused(`an archive with ${jsonFile}`, [...files.keys()].join(', ') || 'none')
  const withArrays = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(withArrays)
    if (typeof part !== 'object' || part === null) return part
    if (Object.hasOwn(part, key)) {
      const { [key]: name, type } = part as Readonly<Record<string, unknown>>
      const found = files.get(String(name))
      const make = Object.hasOwn(arrayTypes, String(type)) ? arrayTypes[type as ArrayType] : undefined
      if (found === undefined || make === undefined || found.length % make.BYTES_PER_ELEMENT !== 0)
        throw refused('the numbers of each array', `none for '${name}'`)
      // A copy stands where its elements may.
      return new make(found.slice().buffer)
    }
    return Object.fromEntries(Object.entries(part).map(([name, of]) => [name, withArrays(of)]))
  }
  try {
    return withArrays(fromJson(JSON.parse(new TextDecoder().decode(json))))
  } catch (cause) {
    if (cause instanceof FormatError) throw cause
    throw refused('JSON', (cause as Error).message, cause)
  }
}
