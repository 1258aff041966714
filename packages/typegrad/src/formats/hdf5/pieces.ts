import type { Cursor, Hdf5Bytes } from './bytes.ts'
import type { Layout } from './layout.ts'
import { walkTree1 } from './tree-1.ts'

/** A part of an array, as it is stored. */
export interface Piece {
  readonly packed: Uint8Array
  /** Bits of filters that were left out. */
  readonly mask: number
  /** Where it begins in the array. */
  readonly offset: readonly number[]
}

/** The pieces of an array of the shape `of`, whose elements have `size` bytes. */
export function piecesOf(
  file: Hdf5Bytes,
  { shape, index }: Layout & { kind: 'pieces' },
  of: readonly number[],
  size: number,
): Piece[] {
  const whole = shape.reduce((product, n) => product * n, size)
  const take = (address: number, length: number): Uint8Array => {
    const { start, end } = file.cursor(address, length)
    return file.bytes.subarray(start, end)
  }
  const { address } = index
  if (address === undefined) return []
  if (index.kind === 'single')
    return [{ packed: take(address, index.packed ?? whole), mask: index.mask, offset: of.map(() => 0) }]
  if (index.kind === 'tree') return inTree(file, address, shape, of, take)
  const counts = of.map((n, i) => Math.ceil(n / (shape[i] as number)))
  const total = counts.reduce((product, n) => product * n, 1)
  if (index.kind === 'list')
    return inList(file, address, total, whole, take).map((piece, i) => ({
      ...piece,
      offset: place(i, counts, shape),
    }))
  take(address, total * whole) // before there is a list of so many
  return Array.from({ length: total }, (_, i) => ({
    packed: take(address + i * whole, whole),
    mask: 0,
    offset: place(i, counts, shape),
  }))
}

/** Where the piece of a number begins, if they are counted row by row. */
function place(number: number, counts: readonly number[], shape: readonly number[]): number[] {
  let rest = number
  const offset = counts.map(() => 0)
  for (let axis = counts.length - 1; axis >= 0; axis--) {
    const count = counts[axis] as number
    offset[axis] = (rest % count) * (shape[axis] as number)
    rest = Math.floor(rest / count)
  }
  return offset
}

type Take = (address: number, length: number) => Uint8Array

function inTree(
  file: Hdf5Bytes,
  root: number,
  shape: readonly number[],
  of: readonly number[],
  take: Take,
): Piece[] {
  const pieces: Piece[] = []
  const seen = new Set<string>()
  const readKey = (cursor: Cursor): { packed: number; mask: number; offset: number[] } => {
    const key = { packed: cursor.u32(), mask: cursor.u32(), offset: shape.map(() => cursor.uint(8)) }
    cursor.skip(8) // within an element
    return key
  }
  walkTree1(file, root, 1, readKey, ({ packed, mask, offset }, address) => {
    const isSound = offset.every((at, i) => at % (shape[i] as number) === 0 && at < (of[i] as number))
    const key = offset.join()
    if (!isSound || seen.has(key)) throw file.damaged('each piece within the array, once', `one at [${key}]`)
    seen.add(key)
    pieces.push({ packed: take(address, packed), mask, offset })
  })
  return pieces
}

/** "Fixed array": the addresses of all pieces, in pages if they are many. */
function inList(
  file: Hdf5Bytes,
  address: number,
  total: number,
  whole: number,
  take: Take,
): Omit<Piece, 'offset'>[] {
  const header = file.cursor(address)
  header.signature('FAHD')
  header.skip(1)
  const isFiltered = header.u8() === 1
  const entrySize = header.u8()
  const pageBits = header.u8()
  const count = header.length()
  const block = header.address()
  header.checksum()
  if (block === undefined) return []
  if (count !== total || pageBits > 31) throw file.damaged(`a list of ${total} pieces`, `one of ${count}`)
  const page = 2 ** pageBits
  const isPaged = count > page
  const list = file.cursor(block)
  list.signature('FADB')
  list.skip(2 + file.offsetSize)
  if (isPaged) {
    list.skip(Math.ceil(Math.ceil(count / page) / 8)) // which pages were ever written
    list.checksum()
  }
  const pieces: Omit<Piece, 'offset'>[] = []
  for (let i = 0; i < count; i++) {
    const at = list.address()
    const packed = isFiltered ? list.uint(entrySize - file.offsetSize - 4) : whole
    const mask = isFiltered ? list.u32() : 0
    if (at === undefined) throw file.unsupported('arrays written in full', 'one of which pieces are missing')
    pieces.push({ packed: take(at, packed), mask })
    if (isPaged && (i + 1) % page === 0) list.skip(4) // a checksum of each page
  }
  return pieces
}
