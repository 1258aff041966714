import type { Cursor, Hdf5Bytes } from './bytes.ts'

/** Bytes in which a number up to this one is written. */
const bytesFor = (largest: number): number => Math.floor(Math.log2(Math.max(1, largest)) / 8) + 1

/** All records of a B-tree of version 2, each as a cursor of its bytes. */
export function recordsOfTree2(file: Hdf5Bytes, address: number): Cursor[] {
  const header = file.cursor(address)
  header.signature('BTHD')
  header.skip(1)
  const type = header.u8()
  const nodeSize = header.u32()
  const recordSize = header.u16()
  const depth = header.u16()
  header.skip(2)
  const root = header.address()
  const rootCount = header.u16()
  header.length()
  header.checksum()
  if (root === undefined) return []
  // More levels than there can be nodes in the file.
  if (recordSize === 0 || nodeSize < 10 + recordSize || depth > 32)
    throw file.damaged(
      'a tree of records',
      `nodes of ${nodeSize} bytes, records of ${recordSize}, ${depth} levels`,
    )

  const inLeaf = Math.floor((nodeSize - 10) / recordSize)
  const countSize = bytesFor(inLeaf)
  /** For each level: bytes of the number of all records below a node of it. */
  const totalSizes: number[] = [0]
  let most = inLeaf
  for (let level = 1; level <= depth; level++) {
    const pointer = file.offsetSize + countSize + (totalSizes[level - 1] ?? 0)
    const inNode = Math.floor((nodeSize - 10 - pointer) / (recordSize + pointer))
    most = (inNode + 1) * most + inNode
    totalSizes.push(bytesFor(most))
  }

  const found: Cursor[] = []
  const walk = (at: number, count: number, level: number): void => {
    const node = file.cursor(at)
    node.signature(level === 0 ? 'BTLF' : 'BTIN')
    node.skip(1)
    if (node.u8() !== type) throw file.damaged('nodes of one tree', 'another tree’s')
    for (let i = 0; i < count; i++) found.push(node.within(recordSize))
    file.spend(count * recordSize)
    const children: (readonly [number, number])[] = []
    if (level > 0)
      for (let i = 0; i <= count; i++) {
        const child = node.required('a part of a tree')
        const below = node.uint(countSize)
        if (level > 1) node.skip(totalSizes[level - 1] ?? 0)
        children.push([child, below])
      }
    node.checksum()
    for (const [child, below] of children) walk(child, below, level - 1)
  }
  walk(root, rootCount, depth)
  return found
}
