import type { Cursor, Hdf5Bytes } from './bytes.ts'

/** The kinds of messages that are understood; others are left aside. */
export const messages = {
  dataspace: 0x1,
  linkInfo: 0x2,
  datatype: 0x3,
  link: 0x6,
  externalFiles: 0x7,
  layout: 0x8,
  filters: 0xb,
  attribute: 0xc,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const

type Kind = (typeof messages)[keyof typeof messages]

/** What a group or a dataset is made of. */
export interface Message {
  readonly kind: number
  readonly body: Cursor
}

/** An object's messages, by kind. */
export class ObjectHeader {
  readonly #messages: readonly Message[]
  constructor(found: readonly Message[]) {
    this.#messages = found
  }

  all(kind: Kind): Cursor[] {
    return this.#messages
      .filter((message) => message.kind === kind)
      .map(({ body }) => body.file.cursor(body.start - body.file.base, body.end - body.start))
  }

  one(kind: Kind): Cursor | undefined {
    return this.all(kind)[0]
  }
}

const sharedFlag = 2

/** Reads the header of a group or dataset, with the blocks in which it goes on. */
export function readObjectHeader(file: Hdf5Bytes, address: number): ObjectHeader {
  const found: Message[] = []
  const blocks: Cursor[] = []
  const add = (kind: number, flags: number, body: Cursor): void => {
    const isUnderstood = (Object.values(messages) as number[]).includes(kind)
    if (!isUnderstood) return
    if ((flags & sharedFlag) !== 0) {
      if (kind === messages.attribute) return
      throw file.unsupported('each array described by itself', 'a type that several share')
    }
    if (kind === messages.continuation) blocks.push(file.cursor(body.required('a header'), body.length()))
    else found.push({ kind, body })
  }
  const cursor = file.cursor(address)
  const isNewer = file.bytes[cursor.at] !== 1
  const withOrder = isNewer ? newer(cursor, add) : older(cursor, add)
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    if (!isNewer) olderMessages(block, add)
    else {
      block.signature('OCHK')
      newerMessages(block, block.left - 4, withOrder, add)
      block.checksum()
    }
  }
  return new ObjectHeader(found)
}

type Add = (kind: number, flags: number, body: Cursor) => void

function older(cursor: Cursor, add: Add): boolean {
  cursor.skip(2) // version, reserved
  cursor.skip(2 + 4) // number of messages, references
  const size = cursor.u32()
  cursor.skip(4)
  olderMessages(cursor.within(size), add)
  return false
}

function olderMessages(cursor: Cursor, add: Add): void {
  while (cursor.left >= 8) {
    const kind = cursor.u16()
    const size = cursor.u16()
    const flags = cursor.u8()
    cursor.skip(3)
    add(kind, flags, cursor.within(size))
  }
}

/** @returns whether messages say in which order they were made. */
function newer(cursor: Cursor, add: Add): boolean {
  cursor.signature('OHDR')
  const version = cursor.u8()
  if (version !== 2) throw cursor.file.damaged('a header of version 1 or 2', `version ${version}`)
  const flags = cursor.u8()
  if ((flags & 0x20) !== 0) cursor.skip(16) // times
  if ((flags & 0x10) !== 0) cursor.skip(4) // when attributes move out
  const size = cursor.uint(1 << (flags & 3))
  const withOrder = (flags & 4) !== 0
  newerMessages(cursor, size, withOrder, add)
  cursor.checksum()
  return withOrder
}

function newerMessages(cursor: Cursor, size: number, withOrder: boolean, add: Add): void {
  const part = cursor.within(size)
  // Less than a message's own head is a gap.
  while (part.left >= (withOrder ? 6 : 4)) {
    const kind = part.u8()
    const length = part.u16()
    const flags = part.u8()
    if (withOrder) part.skip(2)
    add(kind, flags, part.within(length))
  }
}
