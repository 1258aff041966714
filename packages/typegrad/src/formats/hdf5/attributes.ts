import { Cursor, type Hdf5Bytes } from './bytes.ts'
import { type Datatype, elementsOf, readDataspace, readDatatype } from './datatype.ts'
import { FractalHeap } from './fractal-heap.ts'
import { messages, type ObjectHeader } from './object-header.ts'
import { recordsOfTree2 } from './tree-2.ts'

export type TextAttribute = string | readonly string[]

/** The attributes of an object that are text, lists of text, or empty lists. */
export function textAttributes(file: Hdf5Bytes, header: ObjectHeader): Record<string, TextAttribute> {
  const found = new Map<string, TextAttribute>()
  for (const cursor of [...header.all(messages.attribute), ...heapAttributes(file, header)]) {
    const attribute = readAttribute(file, cursor)
    if (attribute !== undefined) found.set(...attribute)
  }
  // Not by assignment, which gives '__proto__' a meaning.
  return Object.fromEntries(found)
}

/** Attributes that are too many or too large for the header. */
function heapAttributes(file: Hdf5Bytes, header: ObjectHeader): Cursor[] {
  const info = header.one(messages.attributeInfo)
  if (info === undefined) return []
  info.skip(1)
  if ((info.u8() & 1) !== 0) info.skip(2)
  const heap = info.address()
  const names = info.address()
  if (heap === undefined || names === undefined) return []
  const objects = new FractalHeap(file, heap)
  return recordsOfTree2(file, names).map((record) => objects.object(record))
}

function readAttribute(file: Hdf5Bytes, cursor: Cursor): [string, TextAttribute] | undefined {
  const version = cursor.u8()
  if (version < 1 || version > 3) throw file.damaged('an attribute of version 1 to 3', `version ${version}`)
  const flags = cursor.u8()
  if (version > 1 && flags !== 0) return undefined // of a type that several share: no text
  const [nameSize, typeSize, spaceSize] = [cursor.u16(), cursor.u16(), cursor.u16()]
  if (version === 3) cursor.skip(1)
  const part = (size: number): Cursor => {
    const within = cursor.within(size)
    // The oldest version fills up each part to 8 bytes; the attribute's own head has 8.
    if (version === 1) cursor.align()
    return within
  }
  const name = part(nameSize).text(nameSize)
  const type = readDatatype(part(typeSize))
  const shape = readDataspace(part(spaceSize))
  if (shape?.[0] === 0) return [name, []]
  if (shape === undefined || shape.length > 1 || (type.kind !== 'text' && type.kind !== 'long text'))
    return undefined
  const count = elementsOf(file, shape)
  // Each takes room: a number of texts without any is made up.
  if (count * Math.max(1, type.size) > cursor.left)
    throw file.damaged(`${count} texts of '${name}'`, `${cursor.left} bytes`)
  const texts = Array.from({ length: count }, () => text(file, type, cursor))
  return [name, shape.length === 0 ? (texts[0] as string) : texts]
}

function text(file: Hdf5Bytes, type: Datatype & { kind: 'text' | 'long text' }, cursor: Cursor): string {
  if (type.kind === 'text') {
    const found = cursor.text(type.size)
    return type.padding === 'space' ? found.replace(/ +$/, '') : found
  }
  const element = cursor.within(type.size)
  const length = element.u32()
  const heap = element.address()
  const index = element.u32()
  if (length === 0 || heap === undefined || heap === 0) return ''
  const body = globalHeap(file, heap).get(index)
  if (body === undefined) throw file.damaged('a text in its heap', 'none')
  return new Cursor(file, body.start, body.end).text(length)
}

/** The heaps of each file that have been read: a heap holds many texts. */
const heaps = new WeakMap<Hdf5Bytes, Map<number, ReadonlyMap<number, Cursor>>>()

/** The objects of a global heap by their numbers: each stands behind its number and length. */
function globalHeap(file: Hdf5Bytes, address: number): ReadonlyMap<number, Cursor> {
  const known = heaps.get(file) ?? new Map<number, ReadonlyMap<number, Cursor>>()
  heaps.set(file, known)
  const before = known.get(address)
  if (before !== undefined) return before
  const head = file.cursor(address)
  head.signature('GCOL')
  head.skip(4)
  const heap = file.cursor(address, head.length())
  heap.skip(8 + file.lengthSize)
  const objects = new Map<number, Cursor>()
  while (heap.left >= 8 + file.lengthSize) {
    const index = heap.u16()
    if (index === 0) break // what is free
    heap.skip(2 + 4)
    objects.set(index, heap.within(heap.length()))
    heap.align()
  }
  known.set(address, objects)
  return objects
}
