/** What code of WebAssembly is made of: the bytes of instructions, one after another. */
export type Code = readonly number[]

/** The types of locals. */
export const i32 = 0x7f
export const v128 = 0x7b
export const i64 = 0x7e

/** A function whose parameters are all i32. */
export interface WasmFunction {
  readonly name: string
  readonly parameters: number
  /** Whether it gives an i32 back, the last value on the stack. */
  readonly hasResult?: boolean
  /** Types of the locals behind the parameters. */
  readonly locals: readonly number[]
  readonly body: Code
}

const unsigned = (value: number): Code => {
  const bytes: number[] = []
  for (let left = value; ; ) {
    const low = left & 0x7f
    left >>>= 7
    bytes.push(left === 0 ? low : low | 0x80)
    if (left === 0) return bytes
  }
}

const signed = (value: number): Code => {
  const bytes: number[] = []
  for (let left = value; ; ) {
    const low = left & 0x7f
    left >>= 7
    const isLast = (left === 0 && (low & 0x40) === 0) || (left === -1 && (low & 0x40) !== 0)
    bytes.push(isLast ? low : low | 0x80)
    if (isLast) return bytes
  }
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]
const text = (value: string): Code => vector(Array.from(new TextEncoder().encode(value), (byte) => [byte]))
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content]
const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)]
/** Alignment, as a power of two, is a hint; the offset is added to the address. */
const memory = (alignment: number, offset: number): Code => [alignment, ...unsigned(offset)]

/**
 * Instructions by their names in the specification (https://webassembly.github.io/spec/core/binary/instructions.html). Each takes
 * its operands from the stack, in the order in which they stand before it.
 */
export const wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a] as Code,
  subtract: [0x6b] as Code,
  shiftLeft: [0x74] as Code,
  lessUnsigned: [0x49] as Code,
  load: (offset = 0): Code => [0x28, ...memory(2, offset)],
  load8: (offset = 0): Code => [0x2d, ...memory(0, offset)],
  store: (offset = 0): Code => [0x36, ...memory(2, offset)],
  loadLong: (offset = 0): Code => [0x29, ...memory(3, offset)],
  storeLong: (offset = 0): Code => [0x37, ...memory(3, offset)],
  /** Two float32, in the low half of a vector. */
  loadFloatPair: (offset = 0): Code => [...simd(93), ...memory(2, offset)],
  loadVector: (offset = 0): Code => [...simd(0), ...memory(4, offset)],
  storeVector: (offset = 0): Code => [...simd(11), ...memory(4, offset)],
  /** The low two float32 as two float64. */
  promote: simd(95),
  addDoubles: simd(240),
  subtractDoubles: simd(241),
  subtractWords: simd(177),
  /** Repeats its body for as long as `repeatIf` at its end finds something else than 0. */
  loop: (body: Code): Code => [0x03, 0x40, ...body, 0x0b],
  repeatIf: [0x0d, 0] as Code,
} as const

/** The bytes of a module with these functions, which imports its memory as `typegrad.memory`. */
export function encodeModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, hasResult }) => [
    0x60,
    ...vector(Array.from({ length: parameters }, () => [i32])),
    ...vector(hasResult === true ? [[i32]] : []),
  ])
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, type])), ...body, 0x0b]
    return [...unsigned(code.length), ...code]
  })
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([[...text('typegrad'), ...text('memory'), 0x02, 0x00, ...unsigned(1)]])),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector(functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]))),
    ...section(10, vector(bodies)),
  ])
}
