import { type FileHandle, open } from 'node:fs/promises'
import { setCompressionCodec, tableFromIPC } from '@uwdata/flechette'
import { decompress } from 'fzstd'
import { FormatError } from 'typegrad/core'
import { featuresOfArrow } from '../features/arrow-features.ts'
import type { DataFile, FileFormat, StoredRow } from './data-file.ts'
import { decompressLz4Frame } from './lz4.ts'

/** Arrow's IPC formats, by flechette: streams and files (Feather). One batch of rows at a time is in memory. */
export const arrow: FileFormat = { name: 'Arrow', open: openArrow }

const refuse = (): never => {
  throw new Error('typegrad reads Arrow and does not write it')
}
setCompressionCodec(0, { decode: decompressLz4Frame, encode: refuse })
// A copy, so that it begins where numbers of eight bytes may.
setCompressionCodec(1, { decode: (bytes) => decompress(bytes).slice(), encode: refuse })

const options = { useBigInt: true, useDate: true } as const

async function openArrow(path: string): Promise<DataFile> {
  for await (const message of messagesOf(path)) {
    if (message.type !== types.schema) break
    const { schema } = understood(path, () => tableFromIPC([message.bytes], options))
    const features = featuresOfArrow(schema, path)
    return { path, features, columns: Object.keys(features), rows: (columns) => rowsOf(path, columns) }
  }
  throw new FormatError({
    where: path,
    expected: 'an Arrow schema first',
    received: 'another message, or none',
  })
}

async function* rowsOf(path: string, columns: readonly string[] | undefined): AsyncGenerator<StoredRow> {
  let schema: Uint8Array | undefined
  const dictionaries: Uint8Array[] = []
  let row = 0
  for await (const { type, bytes } of messagesOf(path)) {
    if (type === types.schema) schema = bytes
    else if (type === types.dictionary) dictionaries.push(bytes)
    else if (type === types.batch && schema !== undefined) {
      const messages = [schema, ...dictionaries, bytes]
      const rows = understood(path, () => {
        const table = tableFromIPC(messages, options)
        return (columns === undefined ? table : table.select([...columns])).toArray()
      })
      for (const values of rows) yield { values, place: `row ${row++}` }
    }
  }
}

/** Kinds of messages: https://github.com/apache/arrow/blob/main/format/Message.fbs. */
const types = { schema: 1, dictionary: 2, batch: 3 } as const

interface Message {
  readonly type: number
  /** The whole message: its length, its metadata and its body. */
  readonly bytes: Uint8Array
}

/** The messages of a stream, or of a file, which is a stream between a mark and a table of contents. */
async function* messagesOf(path: string): AsyncGenerator<Message> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const mark = await bytesAt(handle, path, 0, Math.min(8, size))
    const isFile = isMark(mark)
    if (isFile && !isMark(await bytesAt(handle, path, Math.max(0, size - 6), Math.min(6, size))))
      throw cutOff(path, size)
    let at = isFile ? 8 : 0
    while (at + 4 <= size) {
      const prefix = await bytesAt(handle, path, at, Math.min(8, size - at))
      const view = new DataView(prefix.buffer)
      // Before version 0.15 the length came alone.
      const hasMark = view.getInt32(0, true) === -1
      if (hasMark && prefix.length < 8) throw cutOff(path, size)
      const before = hasMark ? 8 : 4
      const length = view.getInt32(before - 4, true)
      if (length === 0) return
      if (length < 0 || at + before + length > size) throw cutOff(path, size)
      const metadata = await bytesAt(handle, path, at + before, length)
      const { type, bodyLength } = understood(path, () => headerOf(metadata))
      const end = at + before + length + bodyLength
      if (end > size) throw cutOff(path, size)
      yield { type, bytes: await bytesAt(handle, path, at, end - at) }
      at = end
    }
  } finally {
    await handle.close()
  }
}

const isMark = (bytes: Uint8Array): boolean => new TextDecoder().decode(bytes.subarray(0, 6)) === 'ARROW1'

/** What a message's metadata, a flatbuffer, has at its second and its fourth place: the kind and the body's length. */
function headerOf(metadata: Uint8Array): { readonly type: number; readonly bodyLength: number } {
  const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.byteLength)
  const table = view.getUint32(0, true)
  const layout = table - view.getInt32(table, true)
  const places = view.getUint16(layout, true)
  const field = (i: number): number => {
    const offset = 4 + 2 * i < places ? view.getUint16(layout + 4 + 2 * i, true) : 0
    return offset === 0 ? 0 : table + offset
  }
  const [type, length] = [field(1), field(3)]
  const bodyLength = length === 0 ? 0 : Number(view.getBigInt64(length, true))
  if (bodyLength < 0) throw new Error(`a body of ${bodyLength} bytes`)
  return { type: type === 0 ? 0 : view.getUint8(type), bodyLength }
}

async function bytesAt(
  handle: FileHandle,
  path: string,
  start: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await handle.read(bytes, 0, length, start)
  if (bytesRead < length) throw cutOff(path, start + bytesRead)
  return bytes
}

const cutOff = (path: string, size: number): FormatError =>
  new FormatError({
    where: path,
    expected: 'a whole file of Arrow',
    received: `one that ends after ${size} bytes`,
  })

function understood<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new FormatError(
      { where: path, expected: 'a whole file of Arrow', received: (cause as Error).message },
      { cause },
    )
  }
}
