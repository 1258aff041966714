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
 * The pixel has a register of its own where rows are of pixels (elementwise-layout.ts); ymm15 is a mask of channels there.
 *
 * A value of bools has 32 bits for each element, all ones or all zeros; in memory it is a byte of 1 or 0. Bytes of pixels
 * become floats as they are loaded.
 */
import { type ElementwiseKernel, type KernelInputDType, type KernelValue, lastReads } from 'typegrad/engine'
import { type Assembler, gp, type Operand, vector } from '../assembler/assembler.ts'
import { type ConstantPool, lanes } from '../assembler/constant-pool.ts'
import type { Reading } from './elementwise-layout.ts'
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
  readonly reading: Reading
}

/** Which eight elements of a row. */
export interface VectorPlace {
  /** The vector's number among those of eight pixels. */
  readonly vector: number
  readonly channels: number
  /** The register of the pixel, if there are several channels. */
  readonly pixel: number
  /** Whether the mask says which of the elements there are. */
  readonly isRest?: boolean
}

/** The operations on eight elements: loads, instructions, stores. */
export class ElementwiseBody {
  readonly #assembler: Assembler
  readonly #kernel: ElementwiseKernel
  readonly #pool: ConstantPool
  readonly #pointers: readonly KernelPointer[]
  readonly #place: VectorPlace
  readonly #free = Array.from({ length: vectorRegisters }, (_, i) => vectorRegisters - 1 - i)
  readonly #registers = new Map<number, number>()
  /** Which pointer each input has. */
  readonly #pointerOf = new Map<number, KernelPointer>()

  constructor(
    assembler: Assembler,
    kernel: ElementwiseKernel,
    pool: ConstantPool,
    pointers: readonly KernelPointer[],
    place: VectorPlace,
  ) {
    this.#assembler = assembler
    this.#kernel = kernel
    this.#pool = pool
    this.#pointers = pointers
    this.#place = place
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
    if (pointer.bytes === 4) this.#loadFloats(register, pointer)
    else this.#loadBytes(register, pointer)
    return register
  }

  #loadFloats(register: number, pointer: KernelPointer): void {
    const { reading } = pointer
    if (reading === 'contiguous') {
      loadFloats(this.#assembler, register, this.#at(pointer), this.#rest)
    } else if (reading === 'scalar') {
      this.#assembler.vectorMemory(vector.broadcast, register, 0, { base: pointer.register })
    } else if (reading === 'repeated') {
      this.#assembler.vectorMemory(vector.load, register, 0, this.#atPixel(pointer))
      this.#toPixels(register)
    } else {
      this.#assembler.vectorMemory(
        vector.load,
        mask,
        0,
        this.#lanes((i) => i < this.#place.channels),
      )
      this.#assembler.vectorMemory(vector.maskLoad, register, mask, { base: pointer.register })
      this.#permute(register, (i) => this.#channelOf(i))
    }
  }

  /** Bools, bytes of 0 and 1, become lanes of zeros and ones; bytes of 0 to 255 the floats of these numbers. */
  #loadBytes(register: number, pointer: KernelPointer): void {
    const { reading, dtype } = pointer
    const isBool = dtype === 'bool'
    if (reading === 'contiguous' || reading === 'repeated') {
      const from = reading === 'contiguous' ? this.#at(pointer) : this.#atPixel(pointer)
      this.#assembler.vectorMemory(vector.widenBytes, register, 0, from)
      if (isBool) {
        this.#assembler.vector(vector.xor, scratch, scratch, scratch)
        this.#assembler.vector(vector.subIntegers, register, scratch, register)
      }
      if (reading === 'repeated') this.#toPixels(register)
    } else {
      // A byte is all four of a lane.
      this.#broadcastBytes(register, pointer, reading === 'scalar' ? 1 : this.#place.channels)
      if (isBool)
        this.#assembler.vectorMemory(vector.equalIntegers, register, register, this.#pool.word(0x01010101))
      else this.#assembler.vectorMemory(vector.and, register, register, this.#pool.word(0xff))
    }
    if (!isBool) this.#assembler.vector(vector.fromIntegers, register, 0, register)
  }

  /** The first bytes, each in the lanes of its channel; one in all. */
  #broadcastBytes(register: number, pointer: KernelPointer, count: number): void {
    for (let channel = 0; channel < count; channel++) {
      const to = channel === 0 ? register : scratch
      const from = { base: pointer.register, displacement: channel }
      this.#assembler.vectorMemory(vector.broadcastByte, to, 0, from)
      if (count === 1) return
      const own = this.#lanes((i) => this.#channelOf(i) === channel)
      this.#assembler.vectorMemory(vector.and, to, to, own)
      if (channel > 0) this.#assembler.vector(vector.or, register, register, scratch)
    }
  }

  /** Eight pixels' elements become those of the vector's pixels. */
  #toPixels(register: number): void {
    const { vector: which, channels } = this.#place
    this.#permute(register, (i) => Math.floor((lanes * which + i) / channels))
  }

  /** The channel of a lane. */
  #channelOf(i: number): number {
    const { vector: which, channels } = this.#place
    return (lanes * which + i) % channels
  }

  /** register[i] = register[from(i)] */
  #permute(register: number, from: (i: number) => number): void {
    const places = this.#pool.words(Array.from({ length: lanes }, (_, i) => from(i)))
    this.#assembler.vectorMemory(vector.load, scratch, 0, places)
    this.#assembler.vector(vector.permute, register, scratch, register)
  }

  /** Ones in the lanes that are meant, zeros in the others. */
  #lanes(isMeant: (i: number) => boolean): Operand {
    return this.#pool.words(Array.from({ length: lanes }, (_, i) => (isMeant(i) ? 0xffffffff : 0)))
  }

  get #rest(): number | undefined {
    return this.#place.isRest === true ? mask : undefined
  }

  #store(output: number, pointer: KernelPointer): void {
    const register = this.#operand(output)
    if (pointer.bytes === 4) {
      storeFloats(this.#assembler, register, this.#at(pointer), this.#rest)
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
    const displacement = lanes * this.#place.vector * bytes
    return { base: register, index: position, scale: bytes, displacement }
  }

  #atPixel({ register, bytes }: KernelPointer): Operand {
    return { base: register, index: this.#place.pixel, scale: bytes }
  }
}
