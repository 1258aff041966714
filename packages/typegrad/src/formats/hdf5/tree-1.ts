import type { Cursor, Hdf5Bytes } from './bytes.ts'

/**
 * Walks a B-tree of version 1: `leaf` gets each key with the address of what it leads to.
 *
 * @param type 0 for the members of a group, 1 for the pieces of an array.
 * @param readKey takes a key from the cursor.
 */
export function walkTree1<K>(
  file: Hdf5Bytes,
  root: number,
  type: 0 | 1,
  readKey: (cursor: Cursor) => K,
  leaf: (key: K, address: number) => void,
): void {
  // A level below another has a smaller number: no path is longer than the first level's.
  const walk = (address: number, below: number): void => {
    const cursor = file.cursor(address)
    cursor.signature('TREE')
    if (cursor.u8() !== type) throw file.damaged('the tree of a group or an array', 'another')
    const level = cursor.u8()
    if (level >= below) throw file.damaged(`a tree whose levels end`, `level ${level} below ${below}`)
    const count = cursor.u16()
    cursor.address() // neighbours
    cursor.address()
    for (let i = 0; i < count; i++) {
      const key = readKey(cursor)
      const child = cursor.required('a part of a tree')
      if (level > 0) walk(child, level)
      else leaf(key, child)
    }
  }
  walk(root, 256)
}
