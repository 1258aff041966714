import koffi from '../ort/koffi.ts'
import { installCode, reserveCode } from './code-memory.ts'

/** What a processor has to have for kernels, and what makes them faster. */
export interface Processor {
  /** AVX2 and fused multiplication and addition, with registers that the system keeps for each thread. */
  readonly hasAvx2: boolean
  /** AVX-512's foundation, likewise. */
  readonly hasAvx512: boolean
}

const none: Processor = { hasAvx2: false, hasAvx512: false }

/**
 * `void ask(uint32_t leaf[2], uint32_t result[4])`: CPUID's answer to leaf and subleaf, or XCR0 where the leaf is −1.
 * The processor itself is asked, and not /proc/cpuinfo, which under an emulator speaks of another one.
 */
const ask = Uint8Array.of(
  ...[0x53], // push rbx
  ...[0x8b, 0x07], // mov eax, [rdi]
  ...[0x8b, 0x4f, 0x04], // mov ecx, [rdi + 4]
  ...[0x83, 0xf8, 0xff], // cmp eax, −1
  ...[0x74, 0x0f], // je xcr
  ...[0x0f, 0xa2], // cpuid
  ...[0x89, 0x06], // mov [rsi], eax
  ...[0x89, 0x5e, 0x04], // mov [rsi + 4], ebx
  ...[0x89, 0x4e, 0x08], // mov [rsi + 8], ecx
  ...[0x89, 0x56, 0x0c], // mov [rsi + 12], edx
  ...[0x5b, 0xc3], // pop rbx; ret
  ...[0x31, 0xc9], // xcr: xor ecx, ecx
  ...[0x0f, 0x01, 0xd0], // xgetbv
  ...[0x89, 0x06], // mov [rsi], eax
  ...[0x5b, 0xc3], // pop rbx; ret
)

const bit = (word: number, at: number): boolean => ((word >>> at) & 1) === 1

/** Asks the processor what it can do; nothing, where the system does not let memory become code. */
export function readProcessor(): Processor {
  if (process.platform !== 'linux' || process.arch !== 'x64') return none
  try {
    const address = reserveCode(ask.length)
    if (address === null || !installCode(address, ask)) return none
    const call = koffi.decode(address, koffi.proto('void', ['void *', 'void *']))
    const words = (leaf: number, subleaf = 0): Uint32Array => {
      const result = new Uint32Array(new ArrayBuffer(16))
      call(new Uint32Array(Uint32Array.of(leaf, subleaf).buffer), result)
      return result
    }
    const [maxLeaf = 0] = words(0)
    if (maxLeaf < 7) return none
    const [, , basic = 0] = words(1)
    const [hasFma, hasStates, hasAvx] = [bit(basic, 12), bit(basic, 27), bit(basic, 28)]
    if (!hasFma || !hasStates || !hasAvx) return none
    const [, extended = 0] = words(7)
    const [states = 0] = words(0xffffffff)
    // Which registers the system saves: those of 128 and 256 bits; masks and 512 bits.
    const hasAvx2 = bit(extended, 5) && (states & 0x06) === 0x06
    return { hasAvx2, hasAvx512: hasAvx2 && bit(extended, 16) && (states & 0xe6) === 0xe6 }
  } catch {
    return none
  }
}
