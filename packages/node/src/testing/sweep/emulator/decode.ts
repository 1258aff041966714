import {
  type Instruction as Decoded,
  Decoder,
  DecoderOptions,
  Formatter,
  FormatterSyntax,
  MemorySizeExt,
  Mnemonic,
  OpKind,
  Register,
} from 'iced-x86'

/** General and vector registers by their number in the encoding. */
export interface RegisterOperand {
  readonly kind: 'general' | 'vector' | 'mask'
  readonly register: number
  readonly bytes: number
}

/** `[base + index·scale + displacement]`; without a base an address. */
export interface MemoryOperand {
  readonly kind: 'memory'
  readonly base: number | undefined
  readonly index: number | undefined
  readonly scale: number
  readonly displacement: number
  readonly bytes: number
}

export type InstructionOperand =
  | RegisterOperand
  | MemoryOperand
  | { readonly kind: 'immediate'; readonly value: number }
  /** Of a jump. */
  | { readonly kind: 'target'; readonly address: number }

export interface Instruction {
  /** As an assembler writes it, for messages. */
  readonly text: string
  readonly mnemonic: string
  readonly length: number
  readonly operands: readonly InstructionOperand[]
  /** The mask of what is written, 0 for all, and whether the rest becomes 0. */
  readonly mask: number
  readonly zeroes: boolean
}

const formatter = new Formatter(FormatterSyntax.Intel)

/**
 * Decodes one instruction, by iced-x86: what the assembler has encoded is read by other people's tables.
 *
 * @param address of the first of these bytes.
 */
export function decode(bytes: Uint8Array, address: number): Instruction {
  const decoder = new Decoder(64, bytes, DecoderOptions.None)
  decoder.ip = BigInt(address)
  const decoded = decoder.decode()
  decoder.free()
  try {
    if (decoded.isInvalid) throw new Error(`no instruction begins with the bytes ${hex(bytes)}`)
    const text = formatter.format(decoded)
    // Forms of the prefix that the assembler does not have.
    if (decoded.isBroadcast || decoded.hasRepPrefix || decoded.hasRepnePrefix || decoded.hasLockPrefix)
      throw new Error(`${text}: a form that this emulator does not know`)
    return {
      text,
      mnemonic: Mnemonic[decoded.mnemonic].toLowerCase(),
      length: decoded.length,
      operands: Array.from({ length: decoded.opCount }, (_, i) => operandOf(decoded, i, text)),
      mask: decoded.opMask === Register.None ? 0 : decoded.opMask - Register.K0,
      zeroes: decoded.zeroingMasking,
    }
  } finally {
    decoded.free()
  }
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ')

const immediates: ReadonlySet<OpKind> = new Set([
  OpKind.Immediate8,
  OpKind.Immediate8to32,
  OpKind.Immediate8to64,
  OpKind.Immediate32,
  OpKind.Immediate32to64,
  OpKind.Immediate64,
])

function operandOf(decoded: Decoded, i: number, text: string): InstructionOperand {
  const kind = decoded.opKind(i)
  if (kind === OpKind.Register) return registerOf(decoded.opRegister(i), text)
  if (kind === OpKind.NearBranch64) return { kind: 'target', address: Number(decoded.nearBranch64) }
  if (immediates.has(kind))
    return { kind: 'immediate', value: Number(BigInt.asIntN(64, decoded.immediate(i))) }
  if (kind === OpKind.Memory) {
    const isRelative = decoded.isIpRelMemoryOperand
    const numberOf = (register: Register): number | undefined =>
      register === Register.None ? undefined : registerOf(register, text).register
    return {
      kind: 'memory',
      base: isRelative ? undefined : numberOf(decoded.memoryBase),
      index: numberOf(decoded.memoryIndex),
      scale: decoded.memoryIndexScale,
      displacement: Number(BigInt.asIntN(64, decoded.memoryDisplacement)),
      bytes: MemorySizeExt.size(decoded.memorySize),
    }
  }
  throw new Error(`${text}: an operand of a kind that this emulator does not know (${OpKind[kind]})`)
}

/** Registers of each kind follow each other. */
const files: readonly (RegisterOperand & { readonly count: number })[] = [
  { kind: 'general', register: Register.EAX, bytes: 4, count: 16 },
  { kind: 'general', register: Register.RAX, bytes: 8, count: 16 },
  { kind: 'vector', register: Register.XMM0, bytes: 16, count: 32 },
  { kind: 'vector', register: Register.YMM0, bytes: 32, count: 32 },
  { kind: 'vector', register: Register.ZMM0, bytes: 64, count: 32 },
  { kind: 'mask', register: Register.K0, bytes: 8, count: 8 },
]

function registerOf(register: Register, text: string): RegisterOperand {
  for (const { kind, register: first, bytes, count } of files)
    if (register >= first && register < first + count) return { kind, register: register - first, bytes }
  throw new Error(`${text}: a register that this emulator does not know (${Register[register]})`)
}
