import { FormatError } from 'typegrad/core'

/** Bytes that grow as they are written. */
class Output {
  bytes: Uint8Array<ArrayBuffer>
  length = 0

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity)
  }

  #room(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  append(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Repeats what was written `distance` bytes ago; byte by byte, since it may repeat what it writes. */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) throw damaged('a distance that lies inside of it')
    this.#room(count)
    for (let i = 0; i < count; i++, this.length++)
      this.bytes[this.length] = this.bytes[this.length - distance] as number
  }

  get written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length)
  }
}

/**
 * A block of LZ4 without a frame, as Parquet has it (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md).
 *
 * @throws FormatError for what is cut off.
 */
export function decompressLz4Block(input: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const output = new Output(length)
  readBlock(input, output)
  return output.written
}

/**
 * What a frame of LZ4 holds, as Arrow has it (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md): blocks that may refer
 * back into those before them. Checksums are not looked at.
 *
 * @throws FormatError for what is no frame, or is cut off.
 */
export function decompressLz4Frame(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  if (input.length < 7 || view.getUint32(0, true) !== 0x184d2204) throw damaged('its mark')
  const flags = input[4] as number
  const [hasBlockChecksums, hasContentSize, hasDictionary] = [flags & 16, flags & 8, flags & 1]
  const output = new Output(Math.max(64, input.length * 4))
  let at = 7 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0)
  for (;;) {
    if (at + 4 > input.length) throw damaged('its end')
    const size = view.getUint32(at, true)
    if (size === 0) return output.written
    const end = at + 4 + (size & 0x7fffffff)
    if (end > input.length) throw damaged('all of its bytes')
    const block = input.subarray(at + 4, end)
    // The highest bit says that a block is stored as it is.
    if (size >>> 31 === 1) output.append(block)
    else readBlock(block, output)
    at = end + (hasBlockChecksums ? 4 : 0)
  }
}

/** Sequences of literals and of a match: what was written before, again. The last has literals alone. */
function readBlock(input: Uint8Array, output: Output): void {
  let at = 0
  const byte = (): number => {
    const value = input[at]
    if (value === undefined) throw damaged('all of its bytes')
    at += 1
    return value
  }
  /** A length of four bits, and the bytes that go on with it while they are full. */
  const extended = (first: number): number => {
    let sum = first
    if (first === 15)
      for (let more = 255; more === 255; ) {
        more = byte()
        sum += more
      }
    return sum
  }
  while (at < input.length) {
    const token = byte()
    const count = extended(token >> 4)
    if (at + count > input.length) throw damaged('all of its bytes')
    output.append(input.subarray(at, at + count))
    at += count
    if (at === input.length) return
    const distance = byte() | (byte() << 8)
    output.repeat(distance, extended(token & 15) + 4)
  }
}

const damaged = (what: string): FormatError =>
  new FormatError({ where: 'LZ4', expected: `a block with ${what}`, received: 'other bytes' })
