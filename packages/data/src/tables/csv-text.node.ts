import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { type CsvRecord, csvRecords } from '../files/csv-records.node.ts'

/** How a file of CSV is written. */
export interface CsvDialect {
  readonly delimiter: string
  readonly quote: string
  readonly encoding: 'utf-8' | 'utf-16' | 'latin-1'
}

/** The bytes of a file, unpacked as its name says. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path)
  try {
    if (/\.gz$/i.test(path)) {
      const unpacked = createGunzip()
      stream.on('error', (error) => unpacked.destroy(error))
      yield* stream.pipe(unpacked) as AsyncIterable<Uint8Array>
      return
    }
    if (!/\.zst$/i.test(path)) {
      yield* stream as AsyncIterable<Uint8Array>
      return
    }
    let ready: Uint8Array[] = []
    const unpacked = new Decompress((chunk) => {
      ready.push(chunk)
    })
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      unpacked.push(chunk)
      yield* ready
      ready = []
    }
  } finally {
    stream.destroy()
  }
}

/** The text of a file, a piece at a time; what is not in its encoding becomes U+FFFD. */
async function* textOf(path: string, encoding: CsvDialect['encoding']): AsyncGenerator<string> {
  const isBigEndian = encoding === 'utf-16' && (await markOf(path)) === 'utf-16be'
  const decoder = new TextDecoder(
    { 'utf-8': 'utf-8', 'utf-16': isBigEndian ? 'utf-16be' : 'utf-16le', 'latin-1': 'latin1' }[encoding],
  )
  for await (const bytes of bytesOf(path)) yield decoder.decode(bytes, { stream: true })
  yield decoder.decode()
}

/** The encoding that a mark of byte order at the beginning names; undefined without one. */
export async function markOf(path: string): Promise<'utf-8' | 'utf-16le' | 'utf-16be' | undefined> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(3), 0, 3, 0)
    const [a, b, c] = buffer.subarray(0, bytesRead)
    if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
    if (a === 0xff && b === 0xfe) return 'utf-16le'
    return a === 0xfe && b === 0xff ? 'utf-16be' : undefined
  } finally {
    await handle.close()
  }
}

/** Places of a file in which lines are counted, and how many bytes there. */
const [places, placeBytes] = [16, 1 << 16]

/** About how many lines files have, by how long they are in some places; undefined for packed files. */
export async function expectedLines(files: readonly string[]): Promise<number | undefined> {
  if (files.some((file) => /\.(gz|zst)$/i.test(file))) return undefined
  let lines = 0
  for (const file of files) {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      const step = Math.max(placeBytes, Math.floor(size / places))
      let [seen, ends] = [0, 0]
      for (let start = 0; start < size; start += step) {
        const { buffer, bytesRead } = await handle.read(new Uint8Array(placeBytes), 0, placeBytes, start)
        for (let i = 0; i < bytesRead; i++) if (buffer[i] === 0x0a) ends += 1
        seen += bytesRead
      }
      lines += (ends * size) / seen
    } finally {
      await handle.close()
    }
  }
  return lines
}

/** What may stand between cells where nobody says so. */
const delimiters = [',', ';', '\t', '|']

/** What stands between the cells of the first line, outside of quotation marks; a comma where nothing does. */
export async function delimiterOf(
  path: string,
  { quote, encoding }: Omit<CsvDialect, 'delimiter'>,
): Promise<string> {
  const counts = new Map(delimiters.map((delimiter) => [delimiter, 0]))
  let isQuoted = false
  for await (const piece of textOf(path, encoding)) {
    for (const character of piece) {
      if (character === quote) isQuoted = !isQuoted
      else if (!isQuoted && (character === '\n' || character === '\r')) return most(counts)
      else if (!isQuoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1)
    }
  }
  return most(counts)
}

const most = (counts: ReadonlyMap<string, number>): string =>
  [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0]

/** The records of a file with the line in which each ends, for what is looked at in JavaScript: the first, and those with faults. */
export const recordsOf = (
  path: string,
  { delimiter, quote, encoding }: CsvDialect,
): AsyncGenerator<CsvRecord> =>
  csvRecords(path, textOf(path, encoding), {
    delimiter,
    quote: quote === '' ? null : quote,
    escape: quote === '' ? null : quote,
    relax_column_count: true,
    relax_quotes: true,
  })
