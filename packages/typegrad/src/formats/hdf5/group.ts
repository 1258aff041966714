import type { Cursor, Hdf5Bytes } from './bytes.ts'
import { FractalHeap } from './fractal-heap.ts'
import { messages, type ObjectHeader } from './object-header.ts'
import { walkTree1 } from './tree-1.ts'
import { recordsOfTree2 } from './tree-2.ts'

/** A member of a group: the address of its header, or undefined for a link to another place or file. */
export type Member = readonly [name: string, address: number | undefined]

/** A group's members in the order of their names; undefined for what is no group. */
export function membersOf(file: Hdf5Bytes, header: ObjectHeader): readonly Member[] | undefined {
  const table = header.one(messages.symbolTable)
  const info = header.one(messages.linkInfo)
  const links = header.all(messages.link)
  if (table === undefined && info === undefined && links.length === 0) return undefined
  const members = [
    ...(table === undefined ? [] : tableMembers(file, table)),
    ...links.map(readLink),
    ...(info === undefined ? [] : heapLinks(file, info)),
  ]
  const names = new Set<string>()
  for (const [name] of members) {
    if (names.has(name) || name === '' || name === '.' || name.includes('/'))
      throw file.damaged('members of different names', JSON.stringify(name.slice(0, 60)))
    names.add(name)
  }
  return members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** The older form: a tree that leads to lists of members, whose names stand in a heap. */
function tableMembers(file: Hdf5Bytes, message: Cursor): Member[] {
  const tree = message.required('the tree of a group')
  const heap = file.cursor(message.required('the names of a group'))
  heap.signature('HEAP')
  heap.skip(4)
  const size = heap.length()
  heap.length()
  const names = heap.required('the names of a group')
  const members: Member[] = []
  walkTree1(
    file,
    tree,
    0,
    (cursor) => cursor.length(),
    (_, address) => {
      const list = file.cursor(address)
      list.signature('SNOD')
      list.skip(2)
      const count = list.u16()
      for (let i = 0; i < count; i++) {
        const at = list.uint(file.offsetSize)
        const header = list.address()
        const isLink = list.u32() === 2
        list.skip(4 + 16)
        if (at >= size) throw file.damaged('names within their heap', `one at ${at}`)
        members.push([nameAt(file, names + at, size - at), isLink ? undefined : header])
      }
    },
  )
  return members
}

function nameAt(file: Hdf5Bytes, address: number, most: number): string {
  const cursor = file.cursor(address, most)
  const end = file.bytes.indexOf(0, cursor.at)
  if (end === -1 || end >= cursor.end) throw file.damaged('names that end', 'one that does not')
  return cursor.text(end - cursor.at)
}

function heapLinks(file: Hdf5Bytes, info: Cursor): Member[] {
  info.skip(1)
  if ((info.u8() & 1) !== 0) info.skip(8)
  const heap = info.address()
  const names = info.address()
  if (heap === undefined || names === undefined) return []
  const objects = new FractalHeap(file, heap)
  return recordsOfTree2(file, names).map((record) => {
    record.skip(4) // the name's hash
    return readLink(objects.object(record))
  })
}

function readLink(cursor: Cursor): Member {
  cursor.skip(1)
  const flags = cursor.u8()
  const type = (flags & 8) !== 0 ? cursor.u8() : 0
  if ((flags & 4) !== 0) cursor.skip(8)
  if ((flags & 16) !== 0) cursor.skip(1)
  const name = cursor.text(cursor.uint(1 << (flags & 3)))
  return [name, type === 0 ? cursor.required(`'${name}'`) : undefined]
}
