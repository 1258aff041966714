import type { InstructionOperand } from './decode.ts'
import { addressOf, type EffectOf } from './general-instructions.ts'
import { type Processor, registerWords } from './processor.ts'

export function unknownForm(): never {
  throw new Error('a form that this emulator does not know')
}

/** Where a register begins in the words, and how many of its elements are meant. */
export function vectorOf(operand: InstructionOperand | undefined): readonly [place: number, lanes: number] {
  if (operand?.kind !== 'vector') unknownForm()
  return [operand.register * registerWords, operand.bytes / 4]
}

/** Where an operand's words are when the instruction is executed: a register, or what was read from memory. */
export function placeOf(
  operand: InstructionOperand | undefined,
  processor: Processor,
  place: number,
): () => number {
  if (operand?.kind !== 'memory') {
    const [register] = vectorOf(operand)
    return () => register
  }
  const address = addressOf(operand, processor)
  const lanes = operand.bytes / 4
  return () => {
    processor.memory.readWords(address(), processor.words, place, lanes)
    return place
  }
}

/** An instruction whose last operand is a constant, which says what it does. */
export function withImmediate(effectOf: (value: number) => EffectOf): EffectOf {
  return (instruction, processor) => {
    const last = instruction.operands.at(-1)
    if (last?.kind !== 'immediate') unknownForm()
    const operands = instruction.operands.slice(0, -1)
    return effectOf(last.value & 0xff)({ ...instruction, operands }, processor)
  }
}
