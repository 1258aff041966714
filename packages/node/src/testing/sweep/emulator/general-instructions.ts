import type { Instruction, InstructionOperand, MemoryOperand } from './decode.ts'
import { exact, type FlagName, type Processor } from './processor.ts'

/** What an instruction does; code then goes on behind it. */
export type Effect = () => void
export type EffectOf = (instruction: Instruction, processor: Processor) => Effect

/** What the stack holds where nothing was written. */
export const unwrittenStack = 0x7fa0beef

/** The address of an operand in memory. */
export function addressOf(operand: MemoryOperand, { general }: Processor): () => number {
  const { base, index, scale, displacement } = operand
  if (base === undefined && index === undefined) return () => displacement
  if (base === undefined) return () => (general[index as number] as number) * scale + displacement
  if (index === undefined) return () => (general[base] as number) + displacement
  return () => (general[base] as number) + (general[index] as number) * scale + displacement
}

/** An operand's value: of 64 bits with a sign, of 32 without. */
function readWork(operand: InstructionOperand | undefined, processor: Processor): () => number {
  const { general, memory } = processor
  switch (operand?.kind) {
    case 'immediate':
      return () => operand.value
    case 'general': {
      const { register, bytes } = operand
      return bytes === 8 ? () => general[register] as number : () => exact(general[register] as number) >>> 0
    }
    case 'memory': {
      const address = addressOf(operand, processor)
      if (operand.bytes === 4) return () => memory.readWord(address()) >>> 0
      if (operand.bytes === 8)
        return () => {
          const at = address()
          const [low, high] = [memory.readWord(at), memory.readWord(at + 4)]
          if (low === unwrittenStack && high === unwrittenStack)
            throw new Error('reads what nothing has written')
          return exact(high * 2 ** 32 + (low >>> 0))
        }
    }
  }
  throw new Error('an operand of a kind that this emulator does not know')
}

/** Writes an operand; a register's upper half becomes 0 with the lower one. */
function writeWork(operand: InstructionOperand | undefined, processor: Processor): (value: number) => void {
  const { general, memory } = processor
  if (operand?.kind === 'general') {
    const { register, bytes } = operand
    return (value) => {
      general[register] = bytes === 8 ? value : exact(value) >>> 0
    }
  }
  if (operand?.kind === 'memory') {
    const address = addressOf(operand, processor)
    if (operand.bytes === 4) return (value) => memory.writeWord(address(), exact(value) | 0)
    if (operand.bytes === 8)
      return (value) => {
        const at = address()
        memory.writeWord(at, exact(value) | 0)
        memory.writeWord(at + 4, Math.floor(value / 2 ** 32))
      }
  }
  throw new Error('an operand of a kind that this emulator does not know')
}

/** [rsp] */
const stackTop: MemoryOperand = {
  kind: 'memory',
  base: 4,
  index: undefined,
  scale: 1,
  displacement: 0,
  bytes: 8,
}

/** a < b of 64 bits without a sign. */
const isBelow = (a: number, b: number): boolean => (a < 0 === b < 0 ? a < b : a >= 0)

/** Flags of a result of 64 bits. */
const setFlags = (processor: Processor, result: number, carry: number): void =>
  processor.setFlags(result === 0 ? 1 : 0, result < 0 ? 1 : 0, carry)

/** target = of(target, source), with flags. */
const computing =
  (of: (a: number, b: number) => number, carryOf: (a: number, b: number) => number): EffectOf =>
  ({ operands: [target, source] }, processor) => {
    mustBe64(target)
    const [a, b, write] = [
      readWork(target, processor),
      readWork(source, processor),
      writeWork(target, processor),
    ]
    return () => {
      const [x, y] = [a(), b()]
      const result = exact(of(x, y))
      setFlags(processor, result, carryOf(x, y))
      write(result)
    }
  }

function mustBe64(operand: InstructionOperand | undefined): void {
  if (operand?.kind !== 'general' || operand.bytes !== 8)
    throw new Error('a form of another width than 64 bits, which this emulator does not know')
}

/** By halves, since JavaScript's own takes 32 bits. */
function and(a: number, b: number): number {
  const high = Math.floor(exact(a) / 2 ** 32) & Math.floor(exact(b) / 2 ** 32)
  return high * 2 ** 32 + ((a & b) >>> 0)
}

export const generalInstructions: Readonly<Record<string, EffectOf>> = {
  mov({ operands: [target, source] }, processor) {
    const [read, write] = [readWork(source, processor), writeWork(target, processor)]
    return () => write(read())
  },
  movsxd({ operands: [target, source] }, processor) {
    mustBe64(target)
    if (source?.kind !== 'memory') throw new Error('movsxd of a register, which this emulator does not know')
    const [read, write] = [readWork(source, processor), writeWork(target, processor)]
    return () => write(read() | 0)
  },
  lea({ operands: [target, source] }, processor) {
    mustBe64(target)
    if (source?.kind !== 'memory') throw new Error('lea of no memory')
    const [address, write] = [addressOf(source, processor), writeWork(target, processor)]
    return () => write(exact(address()))
  },
  push({ operands: [source] }, processor) {
    mustBe64(source)
    const { general, memory } = processor
    const read = readWork(source, processor)
    return () => {
      const at = (general[4] as number) - 8
      const value = exact(read())
      memory.writeWord(at, value | 0)
      memory.writeWord(at + 4, Math.floor(value / 2 ** 32))
      general[4] = at
    }
  },
  pop({ operands: [target] }, processor) {
    mustBe64(target)
    const { general } = processor
    const [read, write] = [readWork(stackTop, processor), writeWork(target, processor)]
    return () => {
      const value = read()
      general[4] = (general[4] as number) + 8
      write(value)
    }
  },
  add: computing(
    (a, b) => a + b,
    (a, b) => ((a < 0 && b < 0) || (a < 0 !== b < 0 && a + b >= 0) ? 1 : 0),
  ),
  sub: computing(
    (a, b) => a - b,
    (a, b) => (isBelow(a, b) ? 1 : 0),
  ),
  and: computing(and, () => 0),
  cmp({ operands: [left, right] }, processor) {
    mustBe64(left)
    const [a, b] = [readWork(left, processor), readWork(right, processor)]
    return () => {
      const [x, y] = [a(), b()]
      setFlags(processor, exact(x - y), isBelow(x, y) ? 1 : 0)
    }
  },
  test({ operands: [left, right] }, processor) {
    mustBe64(left)
    if (right?.kind !== 'general' || left?.kind !== 'general' || left.register !== right.register)
      throw new Error('test of two registers, which this emulator does not know')
    const read = readWork(left, processor)
    return () => setFlags(processor, exact(read()), 0)
  },
  shr({ operands: [target, count] }, processor) {
    mustBe64(target)
    const [read, bits, write] = [
      readWork(target, processor),
      readWork(count, processor),
      writeWork(target, processor),
    ]
    return () => {
      const value = exact(read())
      if (value < 0) throw new Error(`shr of ${value}, which is beyond what this emulator computes exactly`)
      const result = Math.floor(value / 2 ** bits())
      setFlags(processor, result, Number.NaN)
      write(result)
    }
  },
  imul({ operands: [target, left, right] }, processor) {
    mustBe64(target)
    const [a, b, write] = [
      readWork(left, processor),
      readWork(right, processor),
      writeWork(target, processor),
    ]
    return () => {
      // −0 is no integer.
      write(exact(a() * b()) + 0)
      processor.setFlags(Number.NaN, Number.NaN, Number.NaN)
    }
  },
  div({ operands: [divisor] }, processor) {
    mustBe64(divisor)
    const { general } = processor
    const read = readWork(divisor, processor)
    return () => {
      const [low, high, by] = [exact(general[0] as number), general[2], exact(read())]
      if (high !== 0 || low < 0 || by <= 0)
        throw new Error(`div of ${high}:${low} by ${by}, which this emulator does not know`)
      general[0] = Math.floor(low / by)
      general[2] = low % by
      processor.setFlags(Number.NaN, Number.NaN, Number.NaN)
    }
  },
  // Any address is allowed.
  prefetcht0: () => () => {},
}

/** Which flag says whether a jump is taken, and what it has to be. */
const conditions: Readonly<Record<string, readonly [FlagName, boolean]>> = {
  jb: ['carry', true],
  jae: ['carry', false],
  je: ['zero', true],
  jne: ['zero', false],
  js: ['sign', true],
  jns: ['sign', false],
}

/** Where code goes on; undefined for what is no jump. */
export function jumpOf(
  { mnemonic, operands: [target] }: Instruction,
  processor: Processor,
  next: number,
): (() => number) | undefined {
  if (mnemonic === 'ret') {
    const { general } = processor
    const read = readWork(stackTop, processor)
    return () => {
      const address = read()
      general[4] = (general[4] as number) + 8
      return address
    }
  }
  if (target?.kind !== 'target') return undefined
  const { address } = target
  if (mnemonic === 'jmp') return () => address
  const condition = conditions[mnemonic]
  if (condition === undefined) return undefined
  const [flag, taken] = condition
  return () => (processor.flag(flag) === taken ? address : next)
}
