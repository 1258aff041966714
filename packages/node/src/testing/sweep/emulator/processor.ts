import type { AddressSpace } from './address-space.ts'

/** Words of a vector register of 512 bits. */
export const registerWords = 16
const vectorRegisters = 32
/** Places behind the registers, for operands in memory and for results of which the target is also an operand. */
export const temporary = {
  first: registerWords * vectorRegisters,
  second: registerWords * (vectorRegisters + 1),
} as const

/** What registers hold before code has written them: a signalling NaN that is recognised in outputs. */
const unwritten = 0x7fa0beef

export type FlagName = 'zero' | 'sign' | 'carry'

/**
 * Registers, flags and memory of a processor with AVX-512.
 *
 * A general register of 64 bits is a JavaScript number with a sign: addresses and sizes, and differences of them, are far
 * below 2⁵³. What is not exact as such a number is an error, never another number. NaN is a register that nothing has
 * written: whatever computes with it is an error as well.
 */
export class Processor {
  readonly memory: AddressSpace
  readonly general = new Float64Array(16)
  /** Vector registers one after the other, and the temporary places. */
  readonly words = new Int32Array(registerWords * (vectorRegisters + 2))
  /** The same memory. */
  readonly floats = new Float32Array(this.words.buffer)
  /** Masks k0 to k7, of sixteen bits; NaN where nothing has written them. */
  readonly masks = new Float64Array(8)
  /** 0 or 1; NaN where the last instruction leaves them undefined, or this emulator does. */
  readonly flags: Record<FlagName, number> = { zero: Number.NaN, sign: Number.NaN, carry: Number.NaN }

  constructor(memory: AddressSpace) {
    this.memory = memory
  }

  /** As a caller leaves it: nothing is known. */
  reset(): void {
    this.general.fill(Number.NaN)
    this.words.fill(unwritten)
    this.masks.fill(Number.NaN)
    this.setFlags(Number.NaN, Number.NaN, Number.NaN)
  }

  setFlags(zero: number, sign: number, carry: number): void {
    this.flags.zero = zero
    this.flags.sign = sign
    this.flags.carry = carry
  }

  flag(name: FlagName): boolean {
    const value = this.flags[name]
    if (Number.isNaN(value)) throw new Error(`asks for the ${name} flag, which is undefined`)
    return value === 1
  }

  mask(register: number): number {
    const bits = this.masks[register] as number
    if (Number.isNaN(bits)) throw new Error(`uses the mask k${register}, which was never set`)
    return bits
  }

  /** Sets the bits of a vector register from this word on to 0, as every instruction with a VEX or EVEX prefix does. */
  clearFrom(register: number, word: number): void {
    for (let i = register + word; i < register + registerWords; i++) this.words[i] = 0
  }
}

/** The number, if a register can hold it exactly. */
export function exact(value: number): number {
  if (!Number.isSafeInteger(value))
    throw new Error(
      Number.isNaN(value)
        ? 'computes with a register that was never written'
        : `computes ${value}, which is beyond what this emulator computes exactly`,
    )
  return value
}
