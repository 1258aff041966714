import type { Cursor, Hdf5Bytes } from './bytes.ts'
import { recordsOfTree2 } from './tree-2.ts'

/** A position or length up to this one has so many bytes. */
const bytesFor = (largest: number): number =>
  Math.floor((Math.floor(Math.log2(Math.max(1, largest))) + 7) / 8)

/**
 * A fractal heap: many small objects in blocks, which stand in rows of a table. Each row has as many blocks as the
 * others; those of the first two have the size that the heap begins with, those of each further row twice that of the
 * one before.
 */
export class FractalHeap {
  readonly #file: Hdf5Bytes
  readonly #idLength: number
  readonly #offsetBytes: number
  readonly #lengthBytes: number
  readonly #width: number
  readonly #firstSize: number
  readonly #directRows: number
  readonly #rows: number
  readonly #root: number | undefined
  readonly #hugeTree: number | undefined

  constructor(file: Hdf5Bytes, address: number) {
    this.#file = file
    const header = file.cursor(address)
    header.signature('FRHP')
    header.skip(1)
    this.#idLength = header.u16()
    const filtered = header.u16()
    header.skip(1)
    const longest = header.u32()
    header.length() // the next number of a huge object
    this.#hugeTree = header.address()
    header.length()
    header.address()
    for (let i = 0; i < 8; i++) header.length()
    this.#width = header.u16()
    this.#firstSize = header.length()
    const largestBlock = header.length()
    const bits = header.u16()
    header.skip(2)
    this.#root = header.address()
    this.#rows = header.u16()
    if (filtered !== 0) throw file.unsupported('names and attributes as they are', 'packed ones')
    header.checksum()
    const isSound = isPowerOf2(this.#firstSize) && isPowerOf2(largestBlock) && isPowerOf2(this.#width)
    if (!isSound || largestBlock < this.#firstSize || bits > 64)
      throw file.damaged('a heap of blocks', 'other sizes')
    this.#offsetBytes = Math.ceil(bits / 8)
    this.#lengthBytes = Math.min(bytesFor(largestBlock), bytesFor(longest))
    this.#directRows = Math.log2(largestBlock) - Math.log2(this.#firstSize) + 2
  }

  /** The bytes of an object, by its id, which is taken from the cursor. */
  object(cursor: Cursor): Cursor {
    const file = this.#file
    const id = cursor.within(this.#idLength)
    const kind = (id.u8() >> 4) & 3
    if (kind === 2) {
      const length = (file.bytes[id.at - 1] as number) & 0xf
      return id.within(length + 1)
    }
    if (kind === 1) return this.#huge(id)
    if (kind !== 0) throw file.damaged('objects of a heap', 'an unknown kind')
    const offset = id.uint(this.#offsetBytes)
    const length = id.uint(this.#lengthBytes)
    if (this.#root === undefined) throw file.damaged('objects of a heap', 'an empty heap')
    return this.#managed(offset, length, this.#root, this.#rows, 0)
  }

  /** An object too large for blocks, by its number in a tree. */
  #huge(id: Cursor): Cursor {
    const file = this.#file
    if (id.left >= file.offsetSize + file.lengthSize)
      return file.cursor(id.required('an object'), id.length())
    const wanted = id.uint(Math.min(file.lengthSize, id.left))
    for (const record of this.#hugeTree === undefined ? [] : recordsOfTree2(file, this.#hugeTree)) {
      const [address, length] = [record.required('an object'), record.length()]
      if (record.length() === wanted) return file.cursor(address, length)
    }
    throw file.damaged('the objects of a heap', `none of number ${wanted}`)
  }

  #blockSize(row: number): number {
    return row < 2 ? this.#firstSize : this.#firstSize * 2 ** (row - 1)
  }

  /** An object within a block: a direct one if there are no rows, a table of blocks otherwise. */
  #managed(offset: number, length: number, address: number, rows: number, start: number): Cursor {
    const file = this.#file
    if (rows === 0) {
      const block = file.cursor(address)
      block.signature('FHDB')
      return file.cursor(address + offset - start, length)
    }
    const table = file.cursor(address)
    table.signature('FHIB')
    table.skip(1 + file.offsetSize + this.#offsetBytes)
    let at = start
    for (let row = 0; row < rows; row++) {
      const size = this.#blockSize(row)
      for (let i = 0; i < this.#width; i++) {
        const child = table.address()
        if (child !== undefined && offset >= at && offset < at + size) {
          if (row < this.#directRows) return this.#managed(offset, length, child, 0, at)
          // A table within the table covers as much as one block of its row would.
          const below = Math.log2(size) - Math.log2(this.#firstSize * this.#width) + 1
          if (!(below >= 1 && below < rows)) throw file.damaged('a heap of blocks', 'a table without end')
          return this.#managed(offset, length, child, below, at)
        }
        at += size
      }
    }
    throw file.damaged('objects within their heap', `one at ${offset}`)
  }
}

const isPowerOf2 = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value))
