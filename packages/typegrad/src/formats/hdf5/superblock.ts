import { FormatError } from '../../base/errors.ts'
import type { Hdf5Bytes } from './bytes.ts'

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** Reads the superblock: sizes of addresses and lengths. @returns the address of the first group's header. */
export function readSuperblock(file: Hdf5Bytes): number {
  const start = placeOf(file)
  const cursor = file.cursor(start)
  cursor.skip(signature.length)
  const version = cursor.u8()
  if (version > 3) throw file.unsupported('an HDF5 file of version 0 to 3', `version ${version}`)
  const isNewer = version >= 2
  if (!isNewer) cursor.skip(4)
  const sizes = [cursor.u8(), cursor.u8()] as const
  for (const size of sizes)
    if (![2, 4, 8].includes(size)) throw file.damaged('addresses of 2, 4 or 8 bytes', `${size}`)
  const [offsetSize, lengthSize] = sizes
  file.offsetSize = offsetSize
  file.lengthSize = lengthSize
  // Flags, and in older versions the sizes of nodes of trees, which nodes say themselves.
  cursor.skip(isNewer ? 1 : version === 1 ? 13 : 9)
  file.base = cursor.required('the file')
  cursor.address() // an extension, or the list of free space
  const end = cursor.required('the end of the file')
  if (end > file.bytes.length) throw file.damaged(`the ${end} bytes that it had`, `${file.bytes.length}`)
  if (isNewer) {
    const root = cursor.required('the first group')
    cursor.checksum()
    return root
  }
  cursor.address() // of a driver's information
  cursor.address() // the name of the first group
  return cursor.required('the first group')
}

/** The superblock stands at the beginning, or behind a block of the user's: 512 bytes, 1024, 2048, … */
function placeOf({ bytes, where }: Hdf5Bytes): number {
  for (let at = 0; at + signature.length <= bytes.length; at = at === 0 ? 512 : at * 2)
    if (signature.every((byte, i) => bytes[at + i] === byte)) return at
  throw new FormatError({ where, expected: 'an HDF5 file', received: 'bytes without its signature' })
}
