import { isFloating } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { convertWork, type StoredFloat, storedAs, writeWork } from '../base/stored-dtype.ts'
import { Pacer } from '../base/turn.ts'
import { paced } from '../base/work.ts'
import { hexadecimal } from '../formats/crc32.ts'
import {
  decodeSafetensors,
  type NamedSafetensorsEntry,
  type SafetensorsEntry,
  storedTensors,
} from '../formats/safetensors.ts'
import type { StoredChoice } from '../formats/write-safetensors.ts'
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

type Metadata = Readonly<Record<string, string>>

/** The tensors of a file, and its metadata: what tells later whether they are as they were. */
export interface Content {
  readonly entries: readonly NamedSafetensorsEntry[]
  readonly metadata: Metadata
}

/** A snapshot's values, read. @param storedFor what each is stored as, of which the checksums are. */
export async function contentOf(
  snapshot: Snapshot,
  storedFor: StoredChoice = () => undefined,
): Promise<Content> {
  await evaluateAll(snapshot.map(({ value }) => value))
  const entries: NamedSafetensorsEntry[] = []
  const checksums: Record<string, string> = {}
  const pacer = new Pacer()
  for (const { path, value } of snapshot) {
    const { dtype, shape } = value
    const data = await value.data()
    const stored = storedFor(path, { dtype, shape })
    entries.push({ name: path, dtype, shape, data, stored })
    checksums[path] = await checksumOf(await paced(writeWork(data, dtype, storedAs(dtype, stored))), pacer)
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
  const pacer = new Pacer()
  // Checksums are of what is stored: elements of bfloat16 are read as float32.
  const stored = storedTensors(bytes, file)
  for (const [path, wanted] of checksumsOf(metadata, file)) {
    const entry = stored.get(path)
    if (entry !== undefined) await verify(entry, wanted, `${file}: '${path}'`, pacer)
  }
  return { tensors, names: namesOf(metadata, file), metadata }
}

/** The places that a file is to have values for: all, or those that it has where it says that it is a part. */
export const wantedPlaces = (
  places: Places,
  metadata: Metadata,
  tensors: { has(name: string): boolean },
): Places =>
  metadata[partKey] === 'true' ? new Map([...places].filter(([path]) => tensors.has(path))) : places

/** What variables were called when a file was saved, by the tensors' names; undefined for a file of others. */
export const namesOf = (metadata: Metadata, file: string): Readonly<Record<string, string>> | undefined =>
  stringsOf(metadata[namesKey], `${file}, ${namesKey}`)

/** Checksums of a file's tensors, of those that it has any for. */
export const checksumsOf = (metadata: Metadata, file: string): ReadonlyMap<string, string> =>
  new Map(Object.entries(stringsOf(metadata[checksumsKey], `${file}, ${checksumsKey}`) ?? {}))

/** @throws FormatError for bytes that have another checksum than they had when they were saved. */
export async function verify(
  data: ArrayBufferView,
  wanted: string,
  where: string,
  pacer: Pacer,
): Promise<void> {
  const found = await checksumOf(data, pacer)
  if (found === wanted) return
  throw new FormatError({
    where,
    expected: `the checksum ${wanted}, as when it was saved`,
    received: found,
    fix: 'The file is damaged: restore it from a copy, or save the model again.',
  })
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
  const { tensors, names, metadata } = await readTensors(bytes, file)
  return await restoreOf(tensors, names, wantedPlaces(places, metadata, tensors), file, older)
}

/** As {@link readVariables}, of tensors that have been read, and what variables were called when they were saved. */
export async function restoreOf(
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  names: Readonly<Record<string, string>> | undefined,
  places: Places,
  file: string,
  older: readonly Variable[],
): Promise<Restore> {
  const entries = names === undefined ? entriesByOlderNames(tensors, places, older) : tensors
  if (entries === undefined) {
    checkNames(file, distinctNames(older).map(unnumbered), [...tensors.keys()].map(unnumbered))
    throw ambiguous(file)
  }
  checkNames(file, [...places.keys()], [...entries.keys()])
  const values: [Variable, Tensor][] = []
  for (const [path, variable] of places) {
    const { dtype, shape, data } = entries.get(path) as SafetensorsEntry
    const name = names?.[path]
    if (name !== undefined && !isSameName(name, variable.name))
      throw new FormatError({
        where: `${file}: '${path}'`,
        expected: `the weight ${variable.name}`,
        received: name,
        fix: 'The file belongs to another model, or a layer was given another name since.',
      })
    const isSameKind = dtype === variable.dtype || (isFloating(dtype) && isFloating(variable.dtype))
    if (!sameShape(shape, variable.shape) || !isSameKind)
      throw new FormatError({
        where: `${file}: '${path}'`,
        expected: `${variable.dtype} ${formatShape(variable.shape)} for ${variable.name}`,
        received: `${dtype} ${formatShape(shape)}`,
        fix: 'The file belongs to another model.',
      })
    const elements =
      dtype === variable.dtype ? data : await paced(convertWork(data, dtype, variable.dtype as StoredFloat))
    values.push([variable, fromData(elements, shape, variable.dtype)])
  }
  return () => {
    for (const [variable, value] of values) variable.assign(value)
  }
}

/** Whether a file's names can be those that format version 1 gave to these variables, numbers of layers aside. */
export function hasOlderNames(names: Iterable<string>, older: readonly Variable[]): boolean {
  const sorted = (all: Iterable<string>) => [...all].map(unnumbered).sort().join('\n')
  return sorted(names) === sorted(distinctNames(older))
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
