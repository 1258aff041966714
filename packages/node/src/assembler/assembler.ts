/**
 * `assembler/`: machine code for x86-64 with AVX2, as far as kernels need it, and a little AVX-512. It knows no kernel.
 *
 * Every vector instruction takes the three-byte VEX prefix (longer than needed, but one form for all), those of 512 bits
 * the EVEX prefix. Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 */

/** General registers by their number in the encoding. Vector registers are plain numbers: 0 is ymm0, or zmm0. */
export const gp = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rsp: 4,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r10: 10,
  r11: 11,
  r12: 12,
  r13: 13,
  r14: 14,
  r15: 15,
} as const

export type Label = { readonly name: string }

/** `[base + index·scale + displacement]`, or the address of a label. */
export type Operand =
  | {
      readonly base: number
      readonly index?: number
      readonly scale?: 1 | 2 | 4
      readonly displacement?: number
    }
  | { readonly label: Label }

/** Opcode, opcode map (1: 0F, 2: 0F38, 3: 0F3A) and mandatory prefix (0: none, 1: 66) of a vector instruction. */
export type VectorOp = readonly [opcode: number, map: 1 | 2 | 3, prefix: 0 | 1 | 2 | 3]

export const vector = {
  add: [0x58, 1, 0],
  mul: [0x59, 1, 0],
  sub: [0x5c, 1, 0],
  min: [0x5d, 1, 0],
  div: [0x5e, 1, 0],
  max: [0x5f, 1, 0],
  sqrt: [0x51, 1, 0],
  and: [0x54, 1, 0],
  or: [0x56, 1, 0],
  xor: [0x57, 1, 0],
  compare: [0xc2, 1, 0],
  round: [0x08, 3, 1],
  blend: [0x4a, 3, 1],
  load: [0x10, 1, 0],
  store: [0x11, 1, 0],
  maskLoad: [0x2c, 2, 1],
  maskStore: [0x2e, 2, 1],
  broadcast: [0x18, 2, 1],
  /** One byte is all of them. */
  broadcastByte: [0x78, 2, 1],
  /** Eight bytes become eight integers. */
  widenBytes: [0x31, 2, 1],
  /** target = b's elements at the positions in a. */
  permute: [0x16, 2, 1],
  /** Elements change places within each half, as a constant says. */
  shuffle: [0x04, 3, 1],
  xorIntegers: [0xef, 1, 1],
  equalIntegers: [0x76, 1, 1],
  addIntegers: [0xfe, 1, 1],
  subIntegers: [0xfa, 1, 1],
  /** Bits move by a constant; the field `reg` says which way. */
  shiftIntegers: [0x72, 1, 1],
  toIntegers: [0x5b, 1, 1],
  fromIntegers: [0x5b, 1, 0],
  extractHigh: [0x39, 3, 1],
  /** target = [a0, b0, a1, b1] of each half, and [a2, b2, a3, b3]. */
  unpackLow: [0x14, 1, 0],
  unpackHigh: [0x15, 1, 0],
  /** Two elements of a, then two of b, of each half, as a constant says. */
  shuffleTwo: [0xc6, 1, 0],
  /** Halves of a and b, as a constant says. */
  permuteHalves: [0x06, 3, 1],
  packWords: [0x6b, 1, 1],
  packBytes: [0x63, 1, 1],
  storeQuad: [0xd6, 1, 1],
  /** target = target·a + b. */
  multiplyAdd: [0xa8, 2, 1],
  /** target = target + a·b. */
  addProduct: [0xb8, 2, 1],
  /** target = target − a·b. */
  subtractProduct: [0xbc, 2, 1],
} as const satisfies Record<string, VectorOp>

/** Conditions of a jump after a comparison of unsigned numbers. */
export const condition = {
  below: 2,
  aboveOrEqual: 3,
  equal: 4,
  notEqual: 5,
  negative: 8,
  notNegative: 9,
} as const

/** Collects instructions and data in the order of the calls, and fills in the distances of labels at the end. */
export class Assembler {
  readonly #bytes: number[] = []
  readonly #labels = new Map<Label, number>()
  /** Where a label's distance is to be filled in; distances count from the end of the instruction. */
  readonly #uses: { readonly at: number; readonly end: number; readonly label: Label }[] = []

  get length(): number {
    return this.#bytes.length
  }

  /** A place that is not known yet; the name is for errors alone. */
  label(name: string): Label {
    return { name }
  }

  /** The label is here. */
  place(label: Label): void {
    this.#labels.set(label, this.#bytes.length)
  }

  offsetOf(label: Label): number {
    const offset = this.#labels.get(label)
    if (offset === undefined) throw new Error(`assembler: the label ${label.name} has no place`)
    return offset
  }

  /** Goes on at a multiple of so many bytes; what is between traps. */
  align(bytes: number): void {
    while (this.#bytes.length % bytes !== 0) this.#bytes.push(0xcc)
  }

  data(bytes: Uint8Array): void {
    this.#bytes.push(...bytes)
  }

  /** @returns all bytes. They can be executed at any address. */
  finish(): Uint8Array {
    const code = Uint8Array.from(this.#bytes)
    const view = new DataView(code.buffer)
    for (const { at, end, label } of this.#uses) view.setInt32(at, this.offsetOf(label) - end, true)
    return code
  }

  // General registers, 64 bits wide unless said otherwise.

  push(register: number): void {
    if (register >= 8) this.#emit(0x41)
    this.#emit(0x50 + (register & 7))
  }

  pop(register: number): void {
    if (register >= 8) this.#emit(0x41)
    this.#emit(0x58 + (register & 7))
  }

  ret(): void {
    this.#emit(0xc3)
  }

  /** register = value, of 64 bits. */
  moveImmediate(register: number, value: bigint): void {
    this.#emit(0x48 | (register >> 3), 0xb8 + (register & 7))
    for (let i = 0n; i < 8n; i++) this.#emit(Number((value >> (8n * i)) & 0xffn))
  }

  /** register = value, of 32 bits without a sign, with zeros above. */
  moveSmall(register: number, value: number): void {
    if (register >= 8) this.#emit(0x41)
    this.#emit(0xb8 + (register & 7))
    this.#word(value, 0, 2 ** 32)
  }

  move(to: number, from: number): void {
    this.#registers(0x89, from, to)
  }

  load(to: number, from: Operand): void {
    this.#memory(0x8b, to, from)
  }

  store(to: Operand, from: number): void {
    this.#memory(0x89, from, to)
  }

  /** register = four bytes at an address, with zeros above. */
  loadSmall(to: number, from: Operand): void {
    this.#memory(0x8b, to, from, 0, false)
  }

  /** Four bytes. */
  storeSmall(to: Operand, from: number): void {
    this.#memory(0x89, from, to, 0, false)
  }

  /** to = the address of an operand. */
  address(to: number, of: Operand): void {
    this.#memory(0x8d, to, of)
  }

  /** Asks the caches for what is at an address, which will soon be read. Any address is allowed. */
  prefetch({ base, index = gp.rsp, scale = 1, displacement = 0 }: Exclude<Operand, { label: Label }>): void {
    if (base >= 8 || index >= 8) this.#emit(0x40 | ((index >> 3) << 1) | (base >> 3))
    this.#emit(0x0f, 0x18)
    this.#operand(1, { base, index, scale, displacement }, 0)
  }

  add(to: number, from: number): void {
    this.#registers(0x01, from, to)
  }

  sub(to: number, from: number): void {
    this.#registers(0x29, from, to)
  }

  compare(a: number, b: number): void {
    this.#registers(0x39, b, a)
  }

  compareMemory(a: number, b: Operand): void {
    this.#memory(0x3b, a, b)
  }

  test(a: number): void {
    this.#registers(0x85, a, a)
  }

  addImmediate(register: number, value: number): void {
    this.#immediate(0, register, value)
  }

  andImmediate(register: number, value: number): void {
    this.#immediate(4, register, value)
  }

  subImmediate(register: number, value: number): void {
    this.#immediate(5, register, value)
  }

  compareImmediate(register: number, value: number): void {
    this.#immediate(7, register, value)
  }

  /** register = register / 2 ** bits, without a sign. */
  shiftRight(register: number, bits: number): void {
    this.#registers(0xc1, 5, register)
    this.#emit(bits)
  }

  /** register = four bytes at an address, with their sign. */
  loadSigned(to: number, from: Operand): void {
    this.#memory(0x63, to, from)
  }

  /** to = from · factor. */
  scale(to: number, from: number, factor: number): void {
    this.#registers(0x69, to, from)
    this.#int32(factor)
  }

  /** The same with a factor in memory. */
  multiply(to: number, from: Operand, factor: number): void {
    this.#memory(0x69, to, from, 4)
    this.#int32(factor)
  }

  /** rax, rdx = rdx:rax / register, and the remainder. */
  divide(register: number): void {
    this.#registers(0xf7, 6, register)
  }

  call(register: number): void {
    if (register >= 8) this.#emit(0x41)
    this.#emit(0xff, 0xd0 | (register & 7))
  }

  jump(to: Label): void {
    this.#emit(0xe9)
    this.#distance(to)
  }

  jumpIf(which: number, to: Label): void {
    this.#emit(0x0f, 0x80 + which)
    this.#distance(to)
  }

  // Vector registers of eight floats.

  /**
   * target = op(a, b), both in registers; `a` is 0 for instructions with one operand.
   *
   * @param wide whether all 256 bits are meant; else the lower 128, and the upper ones become 0.
   */
  vector(
    [opcode, map, prefix]: VectorOp,
    target: number,
    a: number,
    b: number,
    immediate?: number,
    wide = true,
  ): void {
    this.#vex(map, prefix, target, 0, b, a, wide)
    this.#emit(opcode, 0xc0 | ((target & 7) << 3) | (b & 7))
    if (immediate !== undefined) this.#emit(immediate)
  }

  /** The same with the second operand in memory. */
  vectorMemory(
    [opcode, map, prefix]: VectorOp,
    target: number,
    a: number,
    b: Operand,
    immediate?: number,
    wide = true,
  ): void {
    const index = 'label' in b ? 0 : (b.index ?? 0)
    const base = 'label' in b ? 0 : b.base
    this.#vex(map, prefix, target, index, base, a, wide)
    this.#emit(opcode)
    this.#operand(target, b, immediate === undefined ? 0 : 1)
    if (immediate !== undefined) this.#emit(immediate)
  }

  zeroUpper(): void {
    this.#emit(0xc5, 0xf8, 0x77)
  }

  // Vector registers of sixteen floats, of which there are 32.

  /** target = op(a, b), all in registers. */
  wide([opcode, map, prefix]: VectorOp, target: number, a: number, b: number): void {
    this.#evex(map, prefix, target, (b >> 4) << 3, b, a)
    this.#emit(opcode, 0xc0 | ((target & 7) << 3) | (b & 7))
  }

  /**
   * The same with the second operand in memory.
   *
   * @param bytes that are read or written there: 64, or 4 where one float is taken for all.
   * @param mask which elements are meant, by `setMask`; others are zeros when loaded. 0 for all.
   */
  wideMemory(
    [opcode, map, prefix]: VectorOp,
    target: number,
    a: number,
    b: Exclude<Operand, { label: Label }>,
    { bytes = 64, mask = 0 }: { readonly bytes?: 4 | 64; readonly mask?: number } = {},
  ): void {
    const isLoad = opcode === vector.load[0]
    this.#evex(map, prefix, target, b.index ?? 0, b.base, a, mask, isLoad && mask > 0)
    this.#emit(opcode)
    this.#operand(target, b, 0, bytes)
  }

  /** The mask of this number (1 to 7) = the bits of a general register below 8, one for each of sixteen elements. */
  setMask(mask: number, register: number): void {
    this.#emit(0xc5, 0xf8, 0x92, 0xc0 | (mask << 3) | register)
  }

  #evex(
    map: number,
    prefix: number,
    reg: number,
    index: number,
    base: number,
    a: number,
    mask = 0,
    zeroes = false,
  ): void {
    const inverted = (value: number, bit: number) => ((value >> bit) & 1) ^ 1
    this.#emit(
      0x62,
      (inverted(reg, 3) << 7) |
        (inverted(index, 3) << 6) |
        (inverted(base, 3) << 5) |
        (inverted(reg, 4) << 4) |
        map,
      ((~a & 15) << 3) | 4 | prefix,
      ((zeroes ? 1 : 0) << 7) | 0x40 | (inverted(a, 4) << 3) | mask,
    )
  }

  #vex(
    map: number,
    prefix: number,
    reg: number,
    index: number,
    base: number,
    a: number,
    wide: boolean,
  ): void {
    const inverted = (bit: number) => (bit >= 8 ? 0 : 1)
    this.#emit(
      0xc4,
      (inverted(reg) << 7) | (inverted(index) << 6) | (inverted(base) << 5) | map,
      ((~a & 15) << 3) | ((wide ? 1 : 0) << 2) | prefix,
    )
  }

  #emit(...bytes: number[]): void {
    this.#bytes.push(...bytes)
  }

  #int32(value: number): void {
    this.#word(value, -(2 ** 31), 2 ** 31)
  }

  /** Four bytes; never the lower half of something larger, which would be another number or another address. */
  #word(value: number, min: number, end: number): void {
    if (!Number.isInteger(value) || value < min || value >= end)
      throw new RangeError(`assembler: expected a whole number from ${min} to ${end - 1}, received ${value}`)
    this.#emit(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255)
  }

  #distance(to: Label): void {
    this.#uses.push({ at: this.length, end: this.length + 4, label: to })
    this.#int32(0)
  }

  #registers(opcode: number, reg: number, rm: number): void {
    this.#emit(0x48 | ((reg >> 3) << 2) | (rm >> 3), opcode, 0xc0 | ((reg & 7) << 3) | (rm & 7))
  }

  #immediate(operation: number, register: number, value: number): void {
    this.#registers(0x81, operation, register)
    this.#int32(value)
  }

  /** @param after bytes of the instruction that follow the operand. */
  #memory(opcode: number, reg: number, operand: Operand, after = 0, wide = true): void {
    const index = 'label' in operand ? 0 : (operand.index ?? 0)
    const base = 'label' in operand ? 0 : operand.base
    this.#emit((wide ? 0x48 : 0x40) | ((reg >> 3) << 2) | ((index >> 3) << 1) | (base >> 3), opcode)
    this.#operand(reg, operand, after)
  }

  /** @param unit of which small displacements are a multiple. */
  #operand(reg: number, operand: Operand, after: number, unit = 1): void {
    if ('label' in operand) {
      this.#emit(((reg & 7) << 3) | 5)
      this.#uses.push({ at: this.length, end: this.length + 4 + after, label: operand.label })
      this.#int32(0)
      return
    }
    const { base, index, scale = 1, displacement = 0 } = operand
    // rbp and r13 as a base have no form without a displacement, rsp and r12 none without an index byte.
    const isSmall = displacement % unit === 0 && displacement >= -128 * unit && displacement < 128 * unit
    const mod = displacement === 0 && (base & 7) !== 5 ? 0x00 : isSmall ? 0x40 : 0x80
    if (index === undefined && (base & 7) !== 4) {
      this.#emit(mod | ((reg & 7) << 3) | (base & 7))
    } else {
      this.#emit(mod | ((reg & 7) << 3) | 4)
      this.#emit((Math.log2(scale) << 6) | (((index ?? gp.rsp) & 7) << 3) | (base & 7))
    }
    if (mod === 0x40) this.#emit((displacement / unit) & 255)
    if (mod === 0x80) this.#int32(displacement)
  }
}
