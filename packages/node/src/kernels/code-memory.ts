import koffi from '../ort/koffi.ts'
import type { Pointer } from '../ort/library.ts'
import { addressOf } from '../ort/runtime.ts'

const pageBytes = 4096
const protection = { read: 1, write: 2, execute: 4 }
const mapPrivate = 0x02
const mapAnonymous = 0x20

interface SystemCalls {
  map(
    address: bigint,
    length: number,
    protection: number,
    flags: number,
    file: number,
    offset: number,
  ): Pointer
  protect(address: Pointer, length: number, protection: number): number
  copy(to: Pointer, from: Pointer, length: number): unknown
}

let calls: SystemCalls | undefined

function systemCalls(): SystemCalls {
  if (calls !== undefined) return calls
  const library = koffi.load('libc.so.6')
  calls = {
    map: library.func('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']),
    protect: library.func('mprotect', 'int', ['void *', 'size_t', 'int']),
    copy: library.func('memcpy', 'void *', ['void *', 'void *', 'size_t']),
  }
  return calls
}

/** Memory for machine code, not executable yet; null if the system refuses it. */
export function reserveCode(bytes: number): Pointer | null {
  const { read, write } = protection
  const address = systemCalls().map(0n, wholePages(bytes), read | write, mapPrivate | mapAnonymous, -1, 0)
  // MAP_FAILED is (void *) −1.
  return address && BigInt.asIntN(64, address) !== -1n ? address : null
}

/** Copies code into its place, which from then on can be run and not written. @returns whether the system allows that. */
export function installCode(address: Pointer, bytes: Uint8Array): boolean {
  const { copy, protect } = systemCalls()
  copy(address, addressOf(bytes), bytes.length)
  return protect(address, wholePages(bytes.length), protection.read | protection.execute) === 0
}

const wholePages = (bytes: number): number => Math.ceil(bytes / pageBytes) * pageBytes
