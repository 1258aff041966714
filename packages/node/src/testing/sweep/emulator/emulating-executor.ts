import type { Executor, Program, Region } from '../executor.ts'
import { AddressSpace } from './address-space.ts'
import { decode, type Instruction } from './decode.ts'
import { type EffectOf, generalInstructions, jumpOf, unwrittenStack } from './general-instructions.ts'
import { Processor } from './processor.ts'
import { vectorArithmetic } from './vector-arithmetic.ts'
import { vectorMovement } from './vector-movement.ts'

/** As the native executor's: the largest operand of all cases fits in. */
const regionBytes = 1 << 24
const regionCount = 16
const codeBytes = 1 << 22
const stackBytes = 1 << 16

/** Where a loop returns to: no region is there. */
const returnAddress = 1 << 20
/** Registers that a function of System V's convention gives back as they were: rbx, rbp, r12 to r15. */
const saved = [3, 5, 12, 13, 14, 15] as const
/** No loop of a case takes more instructions: one that does has no end. */
const maxSteps = 1e9

const effects: Readonly<Record<string, EffectOf>> = {
  ...generalInstructions,
  ...vectorArithmetic,
  ...vectorMovement,
}

/**
 * Executes code as a processor with AVX2 and AVX-512 does, whatever processor this is. What the assembler does not emit it
 * does not know: such an instruction is an error, and so is what a processor would not notice: a register, a mask, a flag
 * or a place on the stack that is used before it was written, and a register of the caller's that is not given back.
 */
export function emulatingExecutor(): Executor {
  const memory = new AddressSpace([
    ...Array.from({ length: regionCount }, () => ({ bytes: regionBytes, access: 'read and write' as const })),
    { bytes: stackBytes, access: 'read and write' },
    { bytes: codeBytes, access: 'read' },
  ])
  const [stack, code] = memory.regions.slice(regionCount) as [Region, Region]
  const stackWords = new Int32Array(stack.bytes.buffer, stack.bytes.byteOffset, stackBytes / 4)
  const firstCode = Number(code.address)
  const processor = new Processor(memory)
  /** What was decoded, by address: executes the instruction and says where code goes on. */
  let steps = new Map<number, () => number>()
  let installed: Program | undefined

  const instructionAt = (address: number): Instruction => {
    const offset = address - firstCode
    if (installed === undefined || !(offset >= 0 && offset < installed.code.length))
      throw new Error(`code goes on at 0x${address.toString(16)}, where none is`)
    return decode(installed.code.subarray(offset, offset + 15), address)
  }
  const stepAt = (address: number): (() => number) => {
    const instruction = instructionAt(address)
    const next = address + instruction.length
    const jump = jumpOf(instruction, processor, next)
    if (jump !== undefined) return jump
    const { mnemonic, mask } = instruction
    if (mask !== 0 && mnemonic !== 'vmovups') throw new Error('a mask that this emulator does not know here')
    const effect = effects[mnemonic]?.(instruction, processor)
    if (effect === undefined) throw new Error('an instruction that this emulator does not know')
    return () => {
      effect()
      return next
    }
  }

  const execute = (entry: number): void => {
    let at = entry
    try {
      for (let count = 0; at !== returnAddress; count++) {
        if (count > maxSteps) throw new Error('does not end')
        let step = steps.get(at)
        if (step === undefined) {
          step = stepAt(at)
          steps.set(at, step)
        }
        at = step()
      }
    } catch (error) {
      const { text } = instructionAt(at)
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`emulator: ${text} at ${at - firstCode} of the code: ${reason}`, { cause: error })
    }
  }

  return {
    regions: memory.regions.slice(0, regionCount),
    install(program) {
      if (program.code.length > codeBytes) throw new Error(`sweep: code of ${program.code.length} bytes`)
      code.bytes.set(program.code)
      installed = program
      steps = new Map()
    },
    run(pointers, task) {
      if (installed === undefined) throw new Error('sweep: run before install')
      processor.reset()
      stackWords.fill(unwrittenStack)
      // A call leaves the stack eight bytes below a multiple of sixteen.
      const top = Number(stack.address) + stackBytes - 8
      memory.writeWord(top, returnAddress)
      memory.writeWord(top + 4, 0)
      const { general } = processor
      general[4] = top
      general[7] = Number(pointers)
      general[6] = task
      const before = saved.map((register) => {
        general[register] = -1000 - register
        return general[register]
      })
      execute(firstCode + installed.entry)
      if (general[4] !== top + 8) throw new Error('emulator: the stack is not where it was')
      saved.forEach((register, i) => {
        if (general[register] !== before[i])
          throw new Error(`emulator: the register ${register} is not what the caller had there`)
      })
    },
  }
}
