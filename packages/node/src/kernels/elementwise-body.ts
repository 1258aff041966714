/**
 * Eight elements of an elementwise kernel: loads, instructions, stores. Part of the loop of elementwise kernels.
 *
 * | register | holds |
 * | --- | --- |
 * | ymm0–13 | values: a value has a register from its first read, or its instruction, to its last read |
 * | ymm14 | each operation's own (`scratch`) |
 * | ymm15 | the mask of a row's last, partial vector |
 * | r11 | the position in the row, in elements |
 *
 * A value of bools has 32 bits for each element, all ones or all zeros; in memory it is a byte of 1 or 0. Bytes of pixels
 * become floats as they are loaded.
 */
import { type ElementwiseKernel, type KernelInputDType, type KernelValue, lastReads } from 'typegrad/engine'
import { type Assembler, gp, type Operand, vector } from '../assembler/assembler.ts'
import type { ConstantPool } from '../assembler/constant-pool.ts'
import { emitOp, scratch } from './elementwise-ops.ts'
import { loadFloats, storeFloats } from './partial-vectors.ts'

/** How many values may be alive at once: exponentials need the other three registers. */
export const maxRegisters = 11

const vectorRegisters = 14
export const mask = 15
export const position = gp.r11

/** Where an input or output of the row begins. */
export interface KernelPointer {
  readonly register: number
  readonly dtype: KernelInputDType
  readonly bytes: 1 | 4
  /** Whether neighbours are the same element. */
  readonly isScalar: boolean
}

/** The operations on eight elements: loads, instructions, stores. */
export class ElementwiseBody {
  readonly #assembler: Assembler
  readonly #kernel: ElementwiseKernel
  readonly #pool: ConstantPool
  readonly #pointers: readonly KernelPointer[]
  readonly #isRest: boolean
  readonly #free = Array.from({ length: vectorRegisters }, (_, i) => vectorRegisters - 1 - i)
  readonly #registers = new Map<number, number>()
  /** Which pointer each input has. */
  readonly #pointerOf = new Map<number, KernelPointer>()

  constructor(
    assembler: Assembler,
    kernel: ElementwiseKernel,
    pool: ConstantPool,
    pointers: readonly KernelPointer[],
    isRest: boolean,
  ) {
    this.#assembler = assembler
    this.#kernel = kernel
    this.#pool = pool
    this.#pointers = pointers
    this.#isRest = isRest
    let next = 0
    kernel.values.forEach((value, i) => {
      if (value.kind === 'input') this.#pointerOf.set(i, pointers[next++] as KernelPointer)
    })
  }

  emit(): void {
    const { values, outputs } = this.#kernel
    const last = lastReads(this.#kernel)
    values.forEach((value, i) => {
      if (value.kind !== 'op') return
      const operands = value.operands.map((operand) => this.#operand(operand))
      const target = this.#take()
      this.#registers.set(i, target)
      emitOp[value.op]({
        assembler: this.#assembler,
        pool: this.#pool,
        target,
        operands,
        temporary: (use) => {
          const register = this.#take()
          use(register)
          this.#free.push(register)
        },
      })
      for (const operand of new Set(value.operands)) {
        if (last[operand] !== i && values[operand]?.kind !== 'constant') continue
        const register = this.#registers.get(operand)
        if (register !== undefined) this.#free.push(register)
        this.#registers.delete(operand)
      }
    })
    const first = this.#pointers.length - outputs.length
    outputs.forEach((output, i) => {
      this.#store(output, this.#pointers[first + i] as KernelPointer)
    })
  }

  #take(): number {
    const register = this.#free.pop()
    if (register === undefined) throw new Error('kernel: more values are alive than there are registers')
    return register
  }

  /** The register of a value, loaded if it is not in one yet. Constants have none until they are read. */
  #operand(i: number): number {
    const known = this.#registers.get(i)
    if (known !== undefined) return known
    const register = this.#take()
    this.#registers.set(i, register)
    const value = this.#kernel.values[i] as KernelValue
    if (value.kind === 'constant') {
      this.#assembler.vectorMemory(vector.load, register, 0, this.#pool.float(value.value))
      return register
    }
    const pointer = this.#pointerOf.get(i) as KernelPointer
    if (pointer.dtype === 'bool') this.#loadBools(register, pointer)
    else if (pointer.dtype === 'uint8') this.#loadNumbers(register, pointer)
    else if (pointer.isScalar)
      this.#assembler.vectorMemory(vector.broadcast, register, 0, { base: pointer.register }, undefined)
    else loadFloats(this.#assembler, register, this.#at(pointer), this.#isRest ? mask : undefined)
    return register
  }

  /** Bytes of 0 and 1 become lanes of zeros and ones. */
  #loadBools(register: number, pointer: KernelPointer): void {
    this.#assembler.vectorMemory(vector.widenBytes, register, 0, this.#at(pointer))
    this.#assembler.vector(vector.xor, scratch, scratch, scratch)
    this.#assembler.vector(vector.subIntegers, register, scratch, register)
  }

  /** Bytes of 0 to 255 become the floats of these numbers. */
  #loadNumbers(register: number, pointer: KernelPointer): void {
    this.#assembler.vectorMemory(vector.widenBytes, register, 0, this.#at(pointer))
    this.#assembler.vector(vector.fromIntegers, register, 0, register)
  }

  #store(output: number, pointer: KernelPointer): void {
    const register = this.#operand(output)
    if (pointer.bytes === 4) {
      storeFloats(this.#assembler, register, this.#at(pointer), this.#isRest ? mask : undefined)
      return
    }
    // Lanes of ones become bytes of 1: sixteen bits, eight bits, and the lowest bit of each.
    this.#assembler.vector(vector.extractHigh, register, 0, scratch, 1)
    this.#assembler.vector(vector.packWords, scratch, register, scratch, undefined, false)
    this.#assembler.vector(vector.packBytes, scratch, scratch, scratch, undefined, false)
    this.#assembler.vectorMemory(vector.and, scratch, scratch, this.#pool.word(0x01010101), undefined, false)
    this.#assembler.vectorMemory(vector.storeQuad, scratch, 0, this.#at(pointer), undefined, false)
  }

  #at({ register, bytes }: KernelPointer): Operand {
    return { base: register, index: position, scale: bytes }
  }
}
