/**
 * `formats/hdf5/`: a reader of HDF5 files that takes bounded time and memory, whatever a file says. It follows "HDF5 File
 * Format Specification Version 3.0" (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html) as far as
 * files of numbers need it, and knows `base` alone.
 *
 * Each structure is read through a {@link Cursor}, which never leaves the file and pays for what it reads.
 */
import { FormatError } from '../../base/errors.ts'
import { lookup3 } from './lookup3.ts'

const decoder = new TextDecoder()

/** Bytes of structures (not of numbers) that may be read: each of a sound file is read a few times at most. */
const budgetOf = (fileLength: number): number => 8 * fileLength + 2 ** 16

/** A file's bytes, and what all of its structures need. */
export class Hdf5Bytes {
  readonly bytes: Uint8Array
  readonly where: string
  /** Bytes of an address and of a length, as the superblock says. */
  offsetSize = 8
  lengthSize = 8
  /** Where addresses count from. */
  base = 0
  readonly view: DataView
  #budget: number

  constructor(bytes: Uint8Array, where: string) {
    this.bytes = bytes
    this.where = where
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#budget = budgetOf(bytes.length)
  }

  /**
   * Pays for reading so many bytes of structures: what leads back to itself, or names the same again and again, comes
   * to an end.
   */
  spend(count: number): void {
    this.#budget -= count
    if (this.#budget < 0)
      throw this.damaged('structures of a tree', 'ones that lead to each other in circles')
  }

  /** @param length for how many bytes; to the end of the file if it is not known yet. */
  cursor(address: number, length?: number): Cursor {
    const start = this.base + address
    const end = length === undefined ? this.bytes.length : start + length
    if (!(start >= 0 && start <= end && end <= this.bytes.length))
      throw this.damaged(`${length ?? 'some'} bytes at ${address}`, `a file of ${this.bytes.length} bytes`)
    return new Cursor(this, start, end)
  }

  damaged(expected: string, received: string): FormatError {
    return new FormatError({
      where: this.where,
      expected: `a whole HDF5 file, with ${expected}`,
      received: `${received}: it is damaged or cut off`,
    })
  }

  unsupported(expected: string, received: string): FormatError {
    return new FormatError({
      where: this.where,
      expected,
      received: `${received}, which typegrad does not read`,
    })
  }
}

/** A place in a file from which bytes are taken one after the other, up to an end. */
export class Cursor {
  readonly file: Hdf5Bytes
  readonly start: number
  at: number
  readonly end: number

  constructor(file: Hdf5Bytes, start: number, end: number) {
    this.file = file
    this.start = start
    this.at = start
    this.end = end
  }

  get left(): number {
    return this.end - this.at
  }

  #take(count: number): number {
    if (!(count >= 0 && count <= this.left))
      throw this.file.damaged(`${count} bytes at ${this.at}`, `${this.left}`)
    this.file.spend(count)
    const at = this.at
    this.at += count
    return at
  }

  u8(): number {
    return this.file.view.getUint8(this.#take(1))
  }
  u16(): number {
    return this.file.view.getUint16(this.#take(2), true)
  }
  u32(): number {
    return this.file.view.getUint32(this.#take(4), true)
  }

  /** A whole number of so many bytes. Numbers beyond 2⁵³ are no sizes of anything. */
  uint(size: number): number {
    const at = this.#take(size)
    let value = 0
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.file.view.getUint8(at + i)
    if (!Number.isSafeInteger(value)) throw this.file.damaged('sizes within the file', `${value}`)
    return value
  }

  length(): number {
    return this.uint(this.file.lengthSize)
  }

  /** An address; undefined where all bits are set. */
  address(): number | undefined {
    const { offsetSize, view } = this.file
    const at = this.#take(offsetSize)
    let isNone = true
    for (let i = 0; i < offsetSize; i++) isNone &&= view.getUint8(at + i) === 0xff
    if (isNone) return undefined
    this.at = at
    return this.uint(offsetSize)
  }

  /** An address that cannot be missing. */
  required(of: string): number {
    const address = this.address()
    if (address === undefined) throw this.file.damaged(`the address of ${of}`, 'none')
    return address
  }

  take(count: number): Uint8Array {
    const at = this.#take(count)
    return this.file.bytes.subarray(at, at + count)
  }

  skip(count: number): void {
    if (!(count >= 0 && count <= this.left))
      throw this.file.damaged(`${count} bytes at ${this.at}`, `${this.left}`)
    this.at += count
  }

  /** A part of what is left, to be read by itself. */
  within(count: number): Cursor {
    const start = this.at
    this.skip(count)
    return new Cursor(this.file, start, start + count)
  }

  /** Skips to the next multiple of 8 bytes from the start. */
  align(): void {
    this.skip((8 - ((this.at - this.start) % 8)) % 8)
  }

  /** UTF-8 of so many bytes, which may end earlier with a zero. */
  text(count: number): string {
    const bytes = this.take(count)
    const zero = bytes.indexOf(0)
    return decoder.decode(zero === -1 ? bytes : bytes.subarray(0, zero))
  }

  /** The four letters with which a structure begins. */
  signature(letters: string): void {
    const at = this.#take(4)
    const isFound = [0, 1, 2, 3].every((i) => this.file.bytes[at + i] === letters.charCodeAt(i))
    if (!isFound) throw this.file.damaged(`'${letters}' at ${this.start}`, 'something else')
  }

  /** The checksum of what was read from the start on. */
  checksum(): void {
    const bytes = this.file.bytes.subarray(this.start, this.at)
    this.file.spend(bytes.length)
    if (lookup3(bytes) !== this.u32())
      throw this.file.damaged(`the checksum of the structure at ${this.start}`, 'another')
  }
}
