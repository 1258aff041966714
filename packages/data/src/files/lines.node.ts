import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FormatError } from 'typegrad/core'

/** The bytes of a file, unpacked where its name ends in `.gz`. */
function bytesOf(path: string): Readable {
  const stream = createReadStream(path)
  if (!path.endsWith('.gz')) return stream
  const unpacked = createGunzip()
  stream.on('error', (error) => unpacked.destroy(error))
  unpacked.on('close', () => stream.destroy())
  return stream.pipe(unpacked)
}

/** A line without its end, and its number from 1. */
export interface Line {
  readonly text: string
  readonly number: number
}

/**
 * The text of a file in UTF-8, a piece at a time. A mark of byte order is left out.
 *
 * @throws FormatError for a file that cannot be read, or is not UTF-8, with the line.
 */
export async function* piecesOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  const decoded = (bytes?: Uint8Array): string => {
    try {
      const piece = bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
      line += piece.split('\n').length - 1
      return piece
    } catch (cause) {
      throw new FormatError(
        {
          where: `${path}: line ${line + linesBefore(bytes)}`,
          expected: 'text in UTF-8',
          received: 'other bytes',
          fix: 'Convert the file: iconv -f latin1 -t utf-8.',
        },
        { cause },
      )
    }
  }
  for await (const bytes of chunksOf(path)) yield decoded(bytes)
  yield decoded()
}

/** How many lines of some bytes end before the one that is not UTF-8. */
function linesBefore(bytes: Uint8Array = new Uint8Array()): number {
  // What the bytes before these began is not looked at.
  let start = 0
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1
  for (let lines = 0; ; lines++) {
    const end = bytes.indexOf(0x0a, start)
    if (end < 0) return lines
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end))
    } catch {
      return lines
    }
    start = end + 1
  }
}

/** The lines of a text in UTF-8. What follows the last end of a line is one if it is not empty. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  let rest = ''
  let number = 1
  for await (const piece of piecesOf(path)) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) yield { text: text.endsWith('\r') ? text.slice(0, -1) : text, number: number++ }
  }
  if (rest !== '') yield { text: rest, number }
}

/** @throws FormatError for a file that cannot be read or unpacked. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of bytesOf(path)) yield chunk as Uint8Array
  } catch (cause) {
    throw new FormatError(
      { where: path, expected: 'a file that can be read', received: (cause as Error).message },
      { cause },
    )
  }
}

/** The whole text of a file in UTF-8. */
export async function textOf(path: string): Promise<string> {
  let text = ''
  for await (const piece of piecesOf(path)) text += piece
  return text
}
