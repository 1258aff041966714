import { FormatError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import { hexadecimal } from '../formats/crc32.ts'
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedSafetensorsEntry,
  type SafetensorsEntry,
} from '../formats/safetensors.ts'
import { evaluateAll, fromData, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { distinctNames } from './distinct-names.ts'
import { ambiguous, entriesByOlderNames } from './older-names.ts'
import type { Places } from './places.ts'

/** Values of variables at one moment, whatever is trained while they are written. */
export type Snapshot = readonly {
  /** The name in the file. */
  readonly path: string
  /** What the variable is called, to be checked when it is read. */
  readonly name: string
  readonly value: Tensor
}[]

export const snapshotOf = (places: Places): Snapshot =>
  [...places].map(([path, variable]) => ({ path, name: variable.name, value: variable.value }))

/** Keys of the file's metadata. Each value is JSON: the names of tensors, and their CRC-32, by path. */
const [namesKey, checksumsKey, partKey] = ['typegrad.names', 'typegrad.crc32', 'typegrad.part']
/** What says that a file holds some of a model's weights: the others are to stay as they are. */
export const partMetadata: Readonly<Record<string, string>> = { [partKey]: 'true' }

/** The tensors of a file, and its metadata: what tells later whether they are as they were. */
export interface Content {
  readonly entries: readonly NamedSafetensorsEntry[]
  readonly metadata: Readonly<Record<string, string>>
}

/** A snapshot as a safetensors file, in chunks. */
export async function encodeSnapshot(
  snapshot: Snapshot,
  more: Readonly<Record<string, string>> = {},
): Promise<Uint8Array[]> {
  const { entries, metadata } = await contentOf(snapshot)
  return encodeSafetensors(entries, { ...metadata, ...more })
}

/** A snapshot's values, read. */
export async function contentOf(snapshot: Snapshot): Promise<Content> {
  await evaluateAll(snapshot.map(({ value }) => value))
  const entries: NamedSafetensorsEntry[] = []
  const checksums: Record<string, string> = {}
  const pacer = new Pacer()
  for (const { path, value } of snapshot) {
    const { dtype, shape } = value
    const data = await value.data()
    entries.push({ name: path, dtype, shape, data })
    checksums[path] = await checksumOf(data, pacer)
  }
  const names = Object.fromEntries(snapshot.map(({ path, name }) => [path, name]))
  return {
    entries,
    metadata: { [namesKey]: JSON.stringify(names), [checksumsKey]: JSON.stringify(checksums) },
  }
}

/** As much as is looked at between two turns of the event loop, within a millisecond. */
const portion = 2 ** 22

async function checksumOf(data: ArrayBufferView, pacer: Pacer): Promise<string> {
  const { crc32 } = await import('../formats/crc32.node.ts')
  let checksum = 0
  for (let at = 0; at < data.byteLength; at += portion) {
    const length = Math.min(portion, data.byteLength - at)
    checksum = crc32(new Uint8Array(data.buffer, data.byteOffset + at, length), checksum)
    if (pacer.due()) await pacer.turn()
  }
  return hexadecimal(checksum)
}

/** The tensors of a safetensors file, whose checksums are right if it has any. @throws FormatError otherwise. */
export async function readTensors(bytes: Uint8Array, file: string) {
  const { tensors, metadata } = decodeSafetensors(bytes, file)
  const names = stringsOf(metadata[namesKey], `${file}, ${namesKey}`)
  const checksums = stringsOf(metadata[checksumsKey], `${file}, ${checksumsKey}`) ?? {}
  const pacer = new Pacer()
  for (const [path, wanted] of Object.entries(checksums)) {
    const entry = tensors.get(path)
    if (entry === undefined) continue
    const found = await checksumOf(entry.data, pacer)
    if (found !== wanted)
      throw new FormatError({
        where: `${file}: '${path}'`,
        expected: `the checksum ${wanted}, as when it was saved`,
        received: found,
        fix: 'The file is damaged: restore it from a copy, or save the model again.',
      })
  }
  return { tensors, names, isPart: metadata[partKey] === 'true' }
}

function stringsOf(json: string | undefined, where: string): Readonly<Record<string, string>> | undefined {
  if (json === undefined) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch {
    // What is no JSON is refused below.
  }
  if (
    typeof parsed === 'object' &&
    parsed !== null &&
    Object.values(parsed).every((v) => typeof v === 'string')
  )
    return parsed as Record<string, string>
  throw new FormatError({ where, expected: 'an object of strings in JSON', received: json.slice(0, 60) })
}

/** Gives variables the values that a file has for them. */
export type Restore = () => void

/**
 * Checks that a file has a value for every variable (or says that it is a part), and no other.
 *
 * @param older the variables in the order in which format version 1 wrote them.
 * @returns what changes the variables: nothing has been changed before.
 * @throws FormatError for a damaged file, naming what is missing, too many, or of another name, shape or dtype.
 */
export async function readVariables(
  bytes: Uint8Array,
  places: Places,
  file: string,
  older: readonly Variable[],
): Promise<Restore> {
  const { tensors, names, isPart } = await readTensors(bytes, file)
  const entries = names === undefined ? entriesByOlderNames(tensors, places, older) : tensors
  if (entries === undefined) {
    checkNames(file, distinctNames(older).map(unnumbered), [...tensors.keys()].map(unnumbered))
    throw ambiguous(file)
  }
  const wanted = isPart ? [...places].filter(([path]) => entries.has(path)) : [...places]
  checkNames(
    file,
    wanted.map(([path]) => path),
    [...entries.keys()],
  )
  const values = wanted.map(([path, variable]) => {
    const { dtype, shape, data } = entries.get(path) as SafetensorsEntry
    const name = names?.[path]
    if (name !== undefined && !isSameName(name, variable.name))
      throw new FormatError({
        where: `${file}: '${path}'`,
        expected: `the weight ${variable.name}`,
        received: name,
        fix: 'The file belongs to another model, or a layer was given another name since.',
      })
    if (!sameShape(shape, variable.shape) || dtype !== variable.dtype)
      throw new FormatError({
        where: `${file}: '${path}'`,
        expected: `${variable.dtype} ${formatShape(variable.shape)} for ${variable.name}`,
        received: `${dtype} ${formatShape(shape)}`,
        fix: 'The file belongs to another model.',
      })
    return [variable, fromData(data, shape, dtype)] as const
  })
  return () => {
    for (const [variable, value] of values) variable.assign(value)
  }
}

/** Names agree whose layers differ in nothing but the numbers that the library gives to those without a name. */
const isSameName = (a: string, b: string): boolean => unnumbered(a) === unnumbered(b)
const unnumbered = (name: string): string => name.replace(/^([^/]*?)_\d+(?=\/|$)/, '$1')

/** @throws FormatError naming what is missing and what is too many. */
function checkNames(file: string, wanted: readonly string[], present: readonly string[]): void {
  const [isWanted, isPresent] = [new Set(wanted), new Set(present)]
  const missing = wanted.filter((path) => !isPresent.has(path))
  const surplus = present.filter((path) => !isWanted.has(path))
  if (missing.length === 0 && surplus.length === 0) return
  const list = (items: readonly string[]) =>
    `${items
      .slice(0, 5)
      .map((path) => `'${path}'`)
      .join(', ')}${items.length > 5 ? ', …' : ''}`
  const parts = [
    ...(missing.length > 0 ? [`no ${list(missing)}`] : []),
    ...(surplus.length > 0 ? [`besides ${list(surplus)}`] : []),
  ]
  throw new FormatError({
    where: file,
    expected: `the ${wanted.length} tensors of this model`,
    received: `${present.length}: ${parts.join(', and ')}`,
    fix: 'The file belongs to another model.',
  })
}
