import { bilinearProgram } from './bilinear-program.ts'
import type { Picture, Window } from './picture.ts'

/** The columns or rows of a resized picture: which two of the picture's each lies between, and how much the second counts. */
interface Lerps {
  readonly first: Int32Array
  readonly second: Int32Array
  readonly share: Float32Array
}

/** Centres of pixels lie at halves; beyond the edge lies the edge. */
function lerpsOf(from: number, to: number): Lerps {
  const first = new Int32Array(to)
  const second = new Int32Array(to)
  const share = new Float32Array(to)
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * (from / to) - 0.5
    const before = Math.floor(centre)
    first[i] = Math.max(0, before)
    second[i] = Math.min(from - 1, before + 1)
    share[i] = centre - before
  }
  return { first, second, share }
}

/** What is used of WebAssembly; the compiler's library here is that of ECMAScript alone. */
interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
interface Platform {
  readonly WebAssembly?: {
    readonly Memory: new (size: { readonly initial: number }) => Memory
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object, imports: object) => { readonly exports: object }
  }
}

interface Program {
  readonly memory: Memory
  readonly bilinear: (...pointers: readonly number[]) => void
}

const page = 65_536
/** Larger pictures are not copied into a memory that then stays: 64 MiB. */
const most = 1024 * page

let program: Program | null | undefined

/** Null where there is no WebAssembly with vectors, or a page's policy forbids it. */
function started(): Program | null {
  if (program !== undefined) return program
  program = null
  const { WebAssembly } = globalThis as Platform
  if (WebAssembly === undefined) return program
  try {
    const memory = new WebAssembly.Memory({ initial: 1 })
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bilinearProgram), { of: { memory } })
    program = { memory, bilinear: (exports as Pick<Program, 'bilinear'>).bilinear }
  } catch {
    // What cannot be compiled is done in JavaScript.
  }
  return program
}

const aligned = (at: number): number => Math.ceil(at / 16) * 16

/** Writes a table's rows: addresses of both sides, and the second one's share. */
function writeTable(
  memory: ArrayBuffer,
  at: number,
  { first, second, share }: Lerps,
  unit: number,
  start: number,
): void {
  const whole = new Int32Array(memory, at, 3 * first.length)
  const real = new Float32Array(memory, at, 3 * first.length)
  for (let i = 0; i < first.length; i++) {
    whole[3 * i] = start + (first[i] as number) * unit
    whole[3 * i + 1] = start + (second[i] as number) * unit
    real[3 * i + 2] = share[i] as number
  }
}

/**
 * A window of a picture of three or four channels at another size, between four pixels each, in float32 as TensorFlow computes
 * it: t + (b − t) f of t = l + (r − l) g above and b below.
 *
 * @returns (to.height, to.width, channels) in memory that the next call writes over; undefined where it cannot be done here.
 */
export function bilinear(
  { data, width, channels }: Picture,
  window: Window,
  to: { readonly height: number; readonly width: number },
): Float32Array | undefined {
  if (channels === 1) return undefined
  const stride = width * channels
  const first = window.top * stride + window.left * channels
  const bytes = data.subarray(first, first + (window.height - 1) * stride + window.width * channels)
  const columnTable = aligned(12 * to.height)
  const picture = aligned(columnTable + 12 * to.width)
  // Four bytes are read of the last pixel too, and four numbers written.
  const out = aligned(picture + bytes.length + 4)
  const length = to.height * to.width * channels
  const size = out + 4 * length + 4
  if (size > most) return undefined
  const { memory, bilinear: run } = started() ?? {}
  if (memory === undefined || run === undefined) return undefined
  if (memory.buffer.byteLength < size) memory.grow(Math.ceil((size - memory.buffer.byteLength) / page))
  const { buffer } = memory
  new Uint8Array(buffer, picture, bytes.length).set(bytes)
  writeTable(buffer, 0, lerpsOf(window.height, to.height), stride, picture)
  writeTable(buffer, columnTable, lerpsOf(window.width, to.width), channels, 0)
  run(0, columnTable, 12 * to.height, columnTable + 12 * to.width, out, 4 * channels)
  return new Float32Array(buffer, out, length)
}
