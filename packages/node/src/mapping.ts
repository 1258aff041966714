/**
 * Files as memory: the system reads a page when it is first touched, and several processes share it. Node on Linux and
 * macOS, by the C library's `mmap`; elsewhere there is none, and files are read.
 */
import type { FileMapping } from 'typegrad/engine'
import koffi from './ort/koffi.ts'

/** <sys/mman.h>, the same on Linux and macOS. */
const [protRead, protWrite, mapPrivate] = [1, 2, 2]
/** MADV_DONTNEED: pages of a file are dropped, and read again when they are touched. */
const notNeeded = 4
/** MAP_FAILED is (void *) −1. */
const failed = 2n ** 64n - 1n
/** Views begin at multiples of the widest element, so that elements at such places can be used where they are. */
const alignment = 8

/** Bytes that an array may have in all versions of Node. */
const longestArray = 2 ** 32

interface SystemCalls {
  map(
    address: bigint,
    length: number,
    protection: number,
    flags: number,
    file: number,
    offset: number,
  ): bigint
  unmap(address: bigint, length: number): number
  advise(address: bigint, length: number, advice: number): number
  /** Memory as an ArrayBuffer, which does not own it. */
  view(address: bigint, length: number): ArrayBuffer
}

/** Where a pointer has 64 bits, and so has an offset in a file. */
const isSupported = (): boolean =>
  ['linux', 'darwin'].includes(process.platform) && !['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch)

let systemCalls: SystemCalls | undefined

function bind(): SystemCalls {
  // The C library that the process itself uses, whatever it is called here.
  const library = koffi.load(null)
  return {
    map: library.func('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']),
    unmap: library.func('munmap', 'int', ['void *', 'size_t']),
    advise: library.func('madvise', 'int', ['void *', 'size_t', 'int']),
    view: koffi.view,
  }
}

/** Memory of a file, and how many still use it: the mapping itself and each ArrayBuffer on it. */
interface Region {
  readonly calls: SystemCalls
  readonly address: bigint
  readonly size: number
  users: number
}

/**
 * All arrays over an ArrayBuffer keep it alive, so when the last ArrayBuffer of a region is garbage there is nothing left
 * that could reach the memory.
 */
const garbage = new FinalizationRegistry<Region>((region) => {
  region.users--
  if (region.users === 0) region.calls.unmap(region.address, region.size)
})

/** Where ArrayBuffers on mapped files begin. */
const addresses = new WeakMap<ArrayBufferLike, { readonly calls: SystemCalls; readonly address: bigint }>()

/** The largest page of the platforms that there are: Apple's. Addresses of a mapping are multiples of its own page. */
const pageBytes = 16384n

/** Gives the whole pages of a mapped file that lie in this memory back to the system; of other memory nothing. */
export function letMemoryGo({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
  const mapped = addresses.get(buffer)
  if (mapped === undefined) return
  const start = mapped.address + BigInt(byteOffset)
  const begin = ((start + pageBytes - 1n) / pageBytes) * pageBytes
  const end = ((start + BigInt(byteLength)) / pageBytes) * pageBytes
  if (end > begin) mapped.calls.advise(begin, Number(end - begin), notNeeded)
}

/** A file that is mapped. Its memory is given back when this and all views are garbage. */
export class Mapping implements FileMapping {
  readonly size: number
  readonly #region: Region
  readonly #whole: ArrayBuffer | undefined

  /** @param isWhole whether views are of one ArrayBuffer. */
  constructor(region: Region, isWhole: boolean) {
    this.size = region.size
    this.#region = region
    garbage.register(this, region)
    this.#whole = isWhole ? this.#buffer(0, region.size) : undefined
  }

  /** The bytes from `begin` to `end`. What is written into them changes neither the file nor another mapping. */
  view(begin: number, end: number): Uint8Array {
    if (begin < 0 || end > this.size || begin > end)
      throw new RangeError(`bytes ${begin} to ${end} of ${this.size}`)
    if (begin === end) return new Uint8Array(0)
    if (this.#whole !== undefined) return new Uint8Array(this.#whole, begin, end - begin)
    const start = begin - (begin % alignment)
    return new Uint8Array(this.#buffer(start, end), begin - start, end - begin)
  }

  #buffer(begin: number, end: number): ArrayBuffer {
    const region = this.#region
    const buffer = region.calls.view(region.address + BigInt(begin), end - begin)
    region.users++
    garbage.register(buffer, region)
    addresses.set(buffer, { calls: region.calls, address: region.address + BigInt(begin) })
    refuseTransfer(buffer)
    return buffer
  }
}

/**
 * An ArrayBuffer that takes over another's memory would not keep the mapping. Node refuses that for memory that is not
 * V8's own (`postMessage`, `structuredClone`), but for these two methods.
 */
function refuseTransfer(buffer: ArrayBuffer): void {
  const value = (): never => {
    throw new TypeError('Memory of a mapped file cannot be transferred. Copy it: buffer.slice().')
  }
  Object.defineProperties(buffer, { transfer: { value }, transferToFixedLength: { value } })
}

/**
 * Maps a file for reading and, privately, writing: a page that is written becomes this process's own copy.
 *
 * @param file descriptor of an open file, which may be closed afterwards.
 * @param size its bytes: one at least.
 * @param isWhole for a reader that will use most of the file. V8 counts each ArrayBuffer as memory that has been taken,
 * and collects garbage: for 520 MB in 62 tensors that took as long as their checksums. Views of one ArrayBuffer, up to
 * the 4 GiB that an array may have everywhere, are counted once. One array keeps all of it, though, and is all of it for
 * `postMessage`.
 * @returns undefined where that is not possible (another platform, a file system without it, a limit).
 */
export function mapFile(file: number, size: number, isWhole = false): Mapping | undefined {
  if (!isSupported()) return undefined
  systemCalls ??= bind()
  const calls = systemCalls
  const address = calls.map(0n, size, protRead | protWrite, mapPrivate, file, 0)
  if (!address || BigInt.asUintN(64, address) === failed) return undefined
  const region: Region = { calls, address, size, users: 1 }
  try {
    const mapping = new Mapping(region, isWhole && size < longestArray)
    mapping.view(0, 1)
    return mapping
  } catch {
    // A runtime without ArrayBuffers on memory of others (Electron). The mapping goes when it is garbage.
    return undefined
  }
}
