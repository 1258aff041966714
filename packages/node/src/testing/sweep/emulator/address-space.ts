import type { Region } from '../executor.ts'

const pageBytes = 4096
/** The address of the first byte of all regions: no null pointer, however large its displacement, comes near. */
const firstAddress = 1 << 24

export type Access = 'read' | 'read and write'

/** No access, or which. */
const rights = { none: 0, read: 1, 'read and write': 3 } as const

/**
 * Memory that emulated code can reach: regions between pages without any access. Addresses are JavaScript's numbers, as
 * all that emulated code computes with.
 */
export class AddressSpace {
  readonly regions: readonly Region[]
  /** All of it, from the first address on. */
  readonly #words: Int32Array
  readonly #view: DataView
  readonly #rights: Uint8Array

  /** @param sizes of each region in bytes, in multiples of 4096, and what code may do there. */
  constructor(sizes: readonly { readonly bytes: number; readonly access: Access }[]) {
    const total = sizes.reduce((sum, { bytes }) => sum + bytes + pageBytes, pageBytes)
    const buffer = new ArrayBuffer(total)
    this.#words = new Int32Array(buffer)
    this.#view = new DataView(buffer)
    this.#rights = new Uint8Array(total / pageBytes)
    let offset = pageBytes
    this.regions = sizes.map(({ bytes, access }) => {
      if (bytes % pageBytes !== 0)
        throw new RangeError(`emulator: a region of ${bytes} bytes is no whole pages`)
      const region = { address: BigInt(firstAddress + offset), bytes: new Uint8Array(buffer, offset, bytes) }
      this.#rights.fill(rights[access], offset / pageBytes, (offset + bytes) / pageBytes)
      offset += bytes + pageBytes
      return region
    })
  }

  /** Four bytes, as an integer with a sign. */
  readWord(address: number): number {
    const offset = this.#offset(address, 4, rights.read)
    return (offset & 3) === 0 ? (this.#words[offset >> 2] as number) : this.#view.getInt32(offset, true)
  }

  writeWord(address: number, value: number): void {
    const offset = this.#offset(address, 4, rights['read and write'])
    if ((offset & 3) === 0) this.#words[offset >> 2] = value
    else this.#view.setInt32(offset, value, true)
  }

  readByte(address: number): number {
    return this.#view.getUint8(this.#offset(address, 1, rights.read))
  }

  writeByte(address: number, value: number): void {
    this.#view.setUint8(this.#offset(address, 1, rights['read and write']), value)
  }

  /** Copies so many words from memory to `to[at]` and on. */
  readWords(address: number, to: Int32Array, at: number, count: number): void {
    const offset = this.#offset(address, 4 * count, rights.read)
    if ((offset & 3) === 0)
      for (let i = 0, from = offset >> 2; i < count; i++) to[at + i] = this.#words[from + i] as number
    else for (let i = 0; i < count; i++) to[at + i] = this.#view.getInt32(offset + 4 * i, true)
  }

  /** The reverse. */
  writeWords(address: number, from: Int32Array, at: number, count: number): void {
    const offset = this.#offset(address, 4 * count, rights['read and write'])
    if ((offset & 3) === 0)
      for (let i = 0, to = offset >> 2; i < count; i++) this.#words[to + i] = from[at + i] as number
    else for (let i = 0; i < count; i++) this.#view.setInt32(offset + 4 * i, from[at + i] as number, true)
  }

  /** Where in the buffer an address is, if all of these bytes may be read or written. */
  #offset(address: number, bytes: number, right: number): number {
    const offset = address - firstAddress
    const last = offset + bytes - 1
    // An address that is no number (it came from a register without a value) fails here as well.
    if (!(offset >= 0 && last < this.#view.byteLength)) throw new AccessError(address, bytes, right)
    // No access is larger than a page: it touches two at most.
    const both = (this.#rights[offset >>> 12] as number) & (this.#rights[last >>> 12] as number)
    if ((both & right) !== right) throw new AccessError(address, bytes, right)
    return offset
  }
}

/** What a processor would have ended the process for. */
class AccessError extends Error {
  constructor(address: number, bytes: number, right: number) {
    const what = right === rights.read ? 'reads' : 'writes'
    const where = Number.isNaN(address) ? 'an address that was never computed' : `0x${address.toString(16)}`
    super(`${what} ${bytes} bytes at ${where}, which no region holds`)
  }
}
