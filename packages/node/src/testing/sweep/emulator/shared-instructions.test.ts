import { expect, test } from 'vitest'
import { type Assembler, type VectorOp, vector } from '../../../assembler/assembler.ts'
import { currentProcessor } from '../../../kernels/kernels.ts'
import type { Executor } from '../executor.ts'
import { nativeExecutor } from '../native-executor.ts'
import { Random } from '../random.ts'
import { emulatingExecutor } from './emulating-executor.ts'
import { pointer, runCode } from './run-code.ts'

/** Words that are floats at the edges of what there is, NaNs that carry bits, and whole numbers. */
const edges = [
  ...[0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x80800000, 0x00800001],
  ...[0x3f800000, 0xbf800000, 0x3f7fffff, 0x3f800001, 0x3effffff, 0x3f000000, 0x3fc00000, 0xc0200000],
  ...[0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x4b000000, 0x4b7fffff, 0x4effffff, 0x4f000000],
  ...[0xcf000000, 0xcf000001, 0x7fc00000, 0xffc12345, 0x7fa0beef, 0xff812345, 0x5f3759df, 0x00012345],
]

/**
 * ±(1 + 2⁻¹²), whose square is 1 + 2⁻¹¹ + 2⁻²⁴, the middle between two floats, and ±2⁻¹⁰⁰, which decides to which of them it
 * is rounded and is lost in double precision.
 */
const middles = [0x3f800800, 0xbf800800, 0x0d800000, 0x8d800000]

/** An edge, any float, one near 1, or what brings sums of products to the middle between two floats. */
function word(random: Random): number {
  switch (random.below(5)) {
    case 0:
      return random.pick(edges)
    case 1:
      return Math.floor(random.next() * 2 ** 32)
    case 2:
      return (random.pick([0x3f800000, 0xbf800000, 0x33800000, 0xb4000000]) + random.below(9) * 4099) >>> 0
    default:
      return random.pick(middles)
  }
}

const [a, b, c, target] = [1, 2, 3, 4] as const

const binary =
  (op: VectorOp, immediate?: number) =>
  (assembler: Assembler): void =>
    assembler.vector(op, target, a, b, immediate)
const unary =
  (op: VectorOp, immediate?: number) =>
  (assembler: Assembler): void =>
    assembler.vector(op, target, 0, a, immediate)
/** The field `reg` of a shift says which one it is, and the target stands where a operand does otherwise. */
const shift =
  (which: 2 | 4 | 6, bits: number) =>
  (assembler: Assembler): void =>
    assembler.vector(vector.shiftIntegers, which, target, a, bits)
const fused =
  (op: VectorOp) =>
  (assembler: Assembler): void => {
    assembler.vector(vector.load, target, 0, c)
    assembler.vector(op, target, a, b)
  }
const each = (count: number, of: (i: number) => [string, (assembler: Assembler) => void]) =>
  Array.from({ length: count }, (_, i) => of(i))

/** What one instruction makes of three registers of eight words, in a fourth. */
const instructions: Readonly<Record<string, (assembler: Assembler) => void>> = {
  ...Object.fromEntries(
    (['add', 'sub', 'mul', 'div', 'min', 'max', 'and', 'or', 'xor'] as const).map((name) => [
      name,
      binary(vector[name]),
    ]),
  ),
  ...Object.fromEntries(
    (['xorIntegers', 'equalIntegers', 'addIntegers', 'subIntegers', 'packWords', 'packBytes'] as const).map(
      (name) => [name, binary(vector[name])],
    ),
  ),
  unpackLow: binary(vector.unpackLow),
  unpackHigh: binary(vector.unpackHigh),
  permute: binary(vector.permute),
  sqrt: unary(vector.sqrt),
  toIntegers: unary(vector.toIntegers),
  fromIntegers: unary(vector.fromIntegers),
  'a copy of a register': unary(vector.load),
  multiplyAdd: fused(vector.multiplyAdd),
  addProduct: fused(vector.addProduct),
  subtractProduct: fused(vector.subtractProduct),
  blend: (assembler) => assembler.vector(vector.blend, target, a, b, c << 4),
  extractHigh: (assembler) => assembler.vector(vector.extractHigh, a, 0, target, 1),
  'a sum of four': (assembler) => assembler.vector(vector.add, target, a, b, undefined, false),
  ...Object.fromEntries(each(32, (i) => [`compare ${i}`, binary(vector.compare, i)])),
  ...Object.fromEntries(each(12, (i) => [`round ${i}`, unary(vector.round, i)])),
  ...Object.fromEntries(each(16, (i) => [`shuffle ${17 * i}`, unary(vector.shuffle, 17 * i)])),
  ...Object.fromEntries(each(16, (i) => [`shuffleTwo ${29 * i}`, binary(vector.shuffleTwo, (29 * i) & 255)])),
  ...Object.fromEntries(
    each(16, (i) => [`permuteHalves ${37 * i}`, binary(vector.permuteHalves, (37 * i) & 255)]),
  ),
  ...Object.fromEntries(
    ([2, 4, 6] as const).flatMap((which) =>
      [0, 1, 13, 23, 31, 32].map((bits) => [`shift ${which} by ${bits}`, shift(which, bits)]),
    ),
  ),
  'eight bytes': (assembler) =>
    assembler.vectorMemory(vector.widenBytes, target, 0, { base: pointer.inputs[0] }),
  'one byte for all': (assembler) =>
    assembler.vectorMemory(vector.broadcastByte, target, 0, { base: pointer.inputs[0], displacement: 13 }),
  'one for all': (assembler) =>
    assembler.vectorMemory(vector.broadcast, target, 0, { base: pointer.inputs[0], displacement: 12 }),
  'some of memory': (assembler) =>
    assembler.vectorMemory(vector.maskLoad, target, c, { base: pointer.inputs[0] }),
}

// What no kernel of the sweep meets with: every instruction with operands at all edges, bit for bit.
test.runIf(currentProcessor().hasAvx2).each(Object.entries(instructions))(
  '%s gives the bits that this processor gives',
  (_, emit) => {
    const random = new Random(1)
    const rows = 50
    const words = (): Int32Array => Int32Array.from({ length: 8 * rows }, () => word(random) | 0)
    for (let i = 0; i < 4; i++) {
      const inputs = [words(), words(), words()]
      const run = (executor: Executor): Int32Array =>
        runCode(executor, inputs, new Int32Array(8 * rows), (assembler) => {
          for (let row = 0; row < rows; row++) {
            for (const [at, register] of [a, b, c].entries())
              assembler.vectorMemory(vector.load, register, 0, { base: pointer.inputs[at] as number })
            emit(assembler)
            assembler.vectorMemory(vector.store, target, 0, { base: pointer.output })
            for (const register of [...pointer.inputs, pointer.output]) assembler.addImmediate(register, 32)
          }
        })
      expect(run(emulator())).toEqual(run(native()))
    }
  },
)

let [processor, emulated]: (Executor | undefined)[] = []
const native = (): Executor => {
  processor ??= nativeExecutor()
  return processor
}
const emulator = (): Executor => {
  emulated ??= emulatingExecutor()
  return emulated
}
