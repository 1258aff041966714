import { Inflate, zipSync } from 'fflate'
import { FormatError } from '../base/errors.ts'
import { crc32 } from './crc32.ts'

/** What an archive may unpack to, unless the caller allows more. */
export interface ZipLimits {
  /** Bytes of all files together. Default 4 GiB. */
  readonly maxBytes?: number
  /** How many times larger a file of more than 1 MiB may become. Default 200. */
  readonly maxRatio?: number
}

interface Entry {
  readonly name: string
  readonly method: number
  readonly checksum: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

const endSignature = 0x06054b50
const entrySignature = 0x02014b50
const localSignature = 0x04034b50
/** A file so small is no bomb, however well it is packed: configurations are repetitive. */
const harmless = 2 ** 20

/**
 * Files of a zip archive. Sizes and places are checked before anything is unpacked, and sizes while it is, so that an
 * archive takes no more memory than `maxRatio` times its own length.
 *
 * @param only the files that are needed: others are not unpacked. Default all.
 * @throws FormatError for an archive that is cut off, damaged (length or checksum), encrypted, lacks one of the files, or
 * unpacks to more than the limits; for files that overlap, and for names that lead out of it.
 */
export function readZip(
  bytes: Uint8Array,
  file: string,
  limits: ZipLimits = {},
  only?: readonly string[],
): Map<string, Uint8Array> {
  const { maxBytes = 2 ** 32, maxRatio = 200 } = limits
  const entries = directory(bytes, file)
  const names = new Set<string>()
  let total = 0
  for (const { name, packed, size } of entries) {
    checkName(name, file)
    if (names.has(name)) throw refused(file, 'files of different names', `two of the name '${name}'`)
    names.add(name)
    total += size
    if (total > maxBytes) throw refused(file, `at most ${maxBytes} bytes unpacked`, `${total} or more`)
    if (size > harmless && size > packed * maxRatio)
      throw refused(
        `${file}: '${name}'`,
        `at most ${maxRatio} times its packed size`,
        `${size} bytes of ${packed}`,
      )
  }
  const missing = only?.find((name) => !names.has(name))
  if (missing !== undefined) {
    const found = entries.map(({ name }) => `'${name}'`)
    const list = `${found.slice(0, 8).join(', ')}${found.length > 8 ? ', …' : ''}`
    throw refused(file, `${missing} in the archive`, list || 'nothing')
  }
  const places = placesOf(bytes, entries, file)
  const files = entries.filter(({ name }) => !name.endsWith('/') && (only?.includes(name) ?? true))
  return new Map(files.map((entry) => [entry.name, unpacked(places.get(entry) as Uint8Array, entry, file)]))
}

export interface WriteZipOptions {
  /** Whether files are made smaller by deflate. Default false, as Keras writes its own: weights hardly get smaller. */
  readonly isCompressed?: boolean
}

/** Times in an archive say nothing here, so that the same files give the same bytes: the first that zip knows. */
const noTime = '1980-01-01T12:00:00'

/** A zip archive of these files. The same files give the same bytes. */
export const writeZip = (
  files: Readonly<Record<string, Uint8Array>>,
  { isCompressed = false }: WriteZipOptions = {},
): Uint8Array<ArrayBuffer> =>
  zipSync(files as Record<string, Uint8Array>, { level: isCompressed ? 6 : 0, mtime: noTime })

function directory(bytes: Uint8Array, file: string): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = bytes.length - 22
  // A comment of at most 65535 bytes may stand behind the end record.
  const first = Math.max(0, end - 65535)
  while (end >= first && view.getUint32(end, true) !== endSignature) end -= 1
  if (end < first) throw refused(file, 'a whole zip archive', 'bytes without its directory')
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  const entries: Entry[] = []
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== entrySignature)
      throw refused(file, `a directory of ${count} files`, `one that is damaged after ${i}`)
    const [nameLength, extra, comment] = [28, 30, 32].map((k) => view.getUint16(at + k, true)) as [
      number,
      number,
      number,
    ]
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength))
    if ((view.getUint16(at + 8, true) & 1) !== 0)
      throw refused(`${file}: '${name}'`, 'no encryption', 'a file with it')
    const [checksum, packed, size] = [16, 20, 24].map((k) => view.getUint32(at + k, true)) as [
      number,
      number,
      number,
    ]
    const offset = view.getUint32(at + 42, true)
    if ([packed, size, offset].includes(0xffffffff))
      throw refused(`${file}: '${name}'`, 'less than 4 GiB', 'a file of the Zip64 format')
    entries.push({ name, method: view.getUint16(at + 10, true), checksum, packed, size, offset })
    at += 46 + nameLength + extra + comment
  }
  return entries
}

function checkName(name: string, file: string): void {
  const parts = name.split('/')
  const escapes = name.startsWith('/') || /[\\\0]|^[A-Za-z]:/.test(name) || parts.includes('..')
  if (escapes) throw refused(file, 'names within the archive', `'${name}', which leads out of it`)
}

/** The packed bytes of each entry. @throws FormatError where they are not beside each other. */
function placesOf(
  bytes: Uint8Array,
  entries: readonly Entry[],
  file: string,
): ReadonlyMap<Entry, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const places = new Map<Entry, Uint8Array>()
  let before = { end: 0, name: 'the beginning' }
  for (const entry of [...entries].sort((a, b) => a.offset - b.offset)) {
    const { name, packed, offset } = entry
    const where = `${file}: '${name}'`
    if (offset + 30 > bytes.length || view.getUint32(offset, true) !== localSignature)
      throw refused(where, 'the file at its place', 'something else')
    const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
    if (start + packed > bytes.length)
      throw refused(where, `${packed} bytes`, `${Math.max(0, bytes.length - start)}`)
    if (offset < before.end)
      throw refused(where, 'files beside each other', `one that overlaps '${before.name}'`)
    before = { end: start + packed, name }
    places.set(entry, bytes.subarray(start, start + packed))
  }
  return places
}

function unpacked(content: Uint8Array, entry: Entry, file: string): Uint8Array {
  const { name, method, checksum, size } = entry
  const where = `${file}: '${name}'`
  const result = method === 0 ? content : inflated(content, method, size, where)
  if (result.length !== size) throw refused(where, `${size} bytes, as the directory says`, `${result.length}`)
  if (crc32(result) !== checksum)
    throw refused(where, 'the checksum of the directory', 'another: the file is damaged')
  return result
}

/** Stops as soon as there is more than was declared. */
function inflated(content: Uint8Array, method: number, size: number, where: string): Uint8Array {
  if (method !== 8) throw refused(where, 'a file that is stored or deflated', `compression method ${method}`)
  const result = new Uint8Array(size)
  let length = 0
  const inflate = new Inflate((chunk) => {
    if (length + chunk.length > size) throw refused(where, `${size} bytes, as the directory says`, 'more')
    result.set(chunk, length)
    length += chunk.length
  })
  try {
    const step = 2 ** 16
    for (let i = 0; i < content.length; i += step)
      inflate.push(content.subarray(i, i + step), i + step >= content.length)
  } catch (cause) {
    if (cause instanceof FormatError) throw cause
    throw refused(where, 'deflated bytes', `damaged ones (${(cause as Error).message})`)
  }
  return result.subarray(0, length)
}

const refused = (where: string, expected: string, received: string): FormatError =>
  new FormatError({ where, expected, received })
