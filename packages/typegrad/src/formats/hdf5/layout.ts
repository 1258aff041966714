import type { Cursor, Hdf5Bytes } from './bytes.ts'

/** Where the elements of an array are. */
export type Layout =
  /** At once, in the header or elsewhere; `at` counts from the file's beginning. */
  | { readonly kind: 'whole'; readonly at: number; readonly length: number }
  /** Never written. */
  | { readonly kind: 'none' }
  /** In pieces of one shape, by an index of them; `index` says which. */
  | {
      readonly kind: 'pieces'
      readonly shape: readonly number[]
      readonly index: PieceIndex
    }

export type PieceIndex =
  | { readonly kind: 'tree'; readonly address: number | undefined }
  | {
      readonly kind: 'single'
      readonly address: number | undefined
      readonly packed: number | undefined
      readonly mask: number
    }
  | { readonly kind: 'implicit' | 'list'; readonly address: number | undefined }

const unsupportedIndexes: Readonly<Record<number, string>> = {
  4: 'an extensible array',
  5: 'a tree of version 2',
}

/** @param size bytes of all elements. */
export function readLayout(cursor: Cursor, size: number): Layout {
  const { file } = cursor
  const version = cursor.u8()
  if (version === 1 || version === 2) return olderLayout(cursor)
  if (version !== 3 && version !== 4) throw file.damaged('a layout of version 1 to 4', `version ${version}`)
  const kind = cursor.u8()
  if (kind === 0) return compact(cursor, cursor.u16())
  if (kind === 1) {
    const address = cursor.address()
    const length = cursor.length()
    return address === undefined ? { kind: 'none' } : whole(file, address, length)
  }
  if (kind === 3) throw file.unsupported('numbers that stand in the file', 'a dataset made of other files')
  if (kind !== 2) throw file.damaged('a layout of a known kind', `kind ${kind}`)
  return version === 3 ? treeLayout(cursor) : newerPieces(cursor, size)
}

const compact = (cursor: Cursor, length: number): Layout => ({
  kind: 'whole',
  at: cursor.within(length).start,
  length,
})

function whole(file: Hdf5Bytes, address: number, length: number): Layout {
  return { kind: 'whole', at: file.cursor(address, length).start, length }
}

/** Sizes of a piece; the last is that of an element in bytes. */
function pieceShape(cursor: Cursor, rank: number, width: number): number[] {
  const shape = Array.from({ length: rank }, () => cursor.uint(width))
  if (shape.some((size) => size === 0))
    throw cursor.file.damaged('pieces of at least one element', 'empty ones')
  return shape.slice(0, -1)
}

function treeLayout(cursor: Cursor): Layout {
  const rank = cursor.u8()
  const address = cursor.address()
  return { kind: 'pieces', shape: pieceShape(cursor, rank, 4), index: { kind: 'tree', address } }
}

function olderLayout(cursor: Cursor): Layout {
  const rank = cursor.u8()
  const kind = cursor.u8()
  cursor.skip(5)
  const address = kind === 0 ? undefined : cursor.address()
  if (kind === 2)
    return { kind: 'pieces', shape: pieceShape(cursor, rank, 4), index: { kind: 'tree', address } }
  const sizes = Array.from({ length: rank }, () => cursor.u32())
  if (kind === 0) return compact(cursor, cursor.u32())
  // The last size is that of an element.
  const length = sizes.reduce((product, n) => product * n, 1)
  return address === undefined ? { kind: 'none' } : whole(cursor.file, address, length)
}

function newerPieces(cursor: Cursor, size: number): Layout {
  const { file } = cursor
  const flags = cursor.u8()
  const rank = cursor.u8()
  const shape = pieceShape(cursor, rank, cursor.u8())
  const kind = cursor.u8()
  if (kind === 1) {
    const isPacked = (flags & 2) !== 0
    const packed = isPacked ? cursor.length() : undefined
    const mask = isPacked ? cursor.u32() : 0
    return { kind: 'pieces', shape, index: { kind: 'single', address: cursor.address(), packed, mask } }
  }
  if (kind === 2) return { kind: 'pieces', shape, index: { kind: 'implicit', address: cursor.address() } }
  if (kind === 3) {
    cursor.skip(1)
    return { kind: 'pieces', shape, index: { kind: 'list', address: cursor.address() } }
  }
  throw file.unsupported(
    `${size} bytes of numbers of fixed sizes`,
    `pieces listed by ${unsupportedIndexes[kind] ?? `index ${kind}`}`,
  )
}
