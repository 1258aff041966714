import { type Assembler, gp, vector } from '../../packages/node/src/assembler/assembler.ts'
import { pointer, runCode } from '../../packages/node/src/testing/sweep/emulator/run-code.ts'
import type { Executor, Program } from '../../packages/node/src/testing/sweep/executor.ts'
import type { Random } from '../../packages/node/src/testing/sweep/random.ts'
import type { Job } from './disk.ts'

/** Zeros, subnormals, ones, infinities, NaNs that carry bits, and what makes sums of products lie between two floats. */
const edges = [
  ...[0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x80800000, 0x00800001, 0x3f800000, 0xbf800000],
  ...[0x3f7fffff, 0x3f800001, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc12345],
  ...[0x7fa0beef, 0xff812345, 0x5f3759df, 0x00012345, 0x3f800800, 0xbf800800, 0x0d800000, 0x8d800000],
]
const middles = edges.slice(-4)

const [first, second, third] = pointer.inputs
const [a, b, target] = [17, 18, 20] as const

/** A mask of a row's own, in one of k1 to k7. */
function someMask(assembler: Assembler, row: number): number {
  const mask = 1 + (row % 7)
  assembler.moveSmall(gp.rax, Math.imul(row + 1, 40503) >>> 0)
  assembler.setMask(mask, gp.rax)
  return mask
}

/** What makes `target` of a and b, for one row of sixteen words. */
const instructions: Readonly<Record<string, (assembler: Assembler, row: number) => void>> = {
  vaddps: (assembler) => assembler.wide(vector.add, target, a, b),
  vmaxps: (assembler) => assembler.wide(vector.max, target, a, b),
  vpxord: (assembler) => assembler.wide(vector.xorIntegers, target, a, b),
  vfmadd231ps: (assembler) => {
    assembler.wideMemory(vector.load, target, 0, { base: third })
    assembler.wide(vector.addProduct, target, a, b)
  },
  'vfmadd231ps of a lower register': (assembler) => {
    assembler.wideMemory(vector.load, target, 0, { base: third })
    assembler.wideMemory(vector.load, 3, 0, { base: first })
    assembler.wide(vector.addProduct, target, 3, b)
  },
  vbroadcastss: (assembler, row) =>
    assembler.wideMemory(
      vector.broadcast,
      target,
      0,
      { base: first, displacement: 4 * (row % 16) },
      { bytes: 4 },
    ),
  'vmovups to a register, some': (assembler, row) =>
    assembler.wideMemory(vector.load, target, 0, { base: first }, { mask: someMask(assembler, row) }),
  'vmovups to memory, some': (assembler, row) => {
    assembler.wideMemory(vector.store, a, 0, { base: pointer.output }, { mask: someMask(assembler, row) })
    assembler.wideMemory(vector.load, target, 0, { base: pointer.output })
  },
  'upper halves': (assembler, row) => {
    assembler.wide(vector.add, 5, a, b)
    if (row % 2 === 0) assembler.zeroUpper()
    else assembler.vector(vector.add, 5, 5, 5)
    assembler.wideMemory(vector.store, 5, 0, { base: pointer.output })
    assembler.wideMemory(vector.load, target, 0, { base: pointer.output })
  },
}

export const rows = 60

/** Each of them on rows of words, with what the emulator makes of it. */
export function instructionJobs(emulator: Executor, random: Random): Job[] {
  const word = (): number =>
    random.below(4) === 0
      ? Math.floor(random.next() * 2 ** 32)
      : random.pick(random.below(2) === 0 ? edges : middles)
  const words = (): Int32Array => Int32Array.from({ length: 16 * rows }, () => word() | 0)
  return Object.entries(instructions).flatMap(([what, emit]) =>
    [0, 4, 8].map((offset): Job => {
      const inputs = [words(), words(), words()]
      const before = words()
      let program: Program | undefined
      const noting: Executor = {
        regions: emulator.regions,
        install(installed) {
          program = installed
          emulator.install(installed)
        },
        run: (pointers, task) => emulator.run(pointers, task),
      }
      const after = runCode(noting, inputs, before, (assembler) => {
        for (let row = 0; row < rows; row++) {
          assembler.wideMemory(vector.load, a, 0, { base: first })
          assembler.wideMemory(vector.load, b, 0, { base: second })
          emit(assembler, row)
          assembler.wideMemory(vector.store, target, 0, { base: pointer.output })
          for (const register of [...pointer.inputs, pointer.output]) assembler.addImmediate(register, 64)
        }
      })
      if (program === undefined) throw new Error('avx512: nothing was run')
      const bytes = (of: Int32Array): Uint8Array => new Uint8Array(of.buffer)
      const outputs = [{ before: bytes(before), after: bytes(after) }]
      return { what, program, inputs: inputs.map(bytes), outputs, offset }
    }),
  )
}
