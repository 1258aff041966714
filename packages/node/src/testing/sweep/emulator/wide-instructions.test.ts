/**
 * What the assembler emits of AVX-512, against its definition in the Intel 64 and IA-32 Architectures Software Developer's
 * Manual, volume 2: section 2.7 for the prefix, and the page of each instruction. The numbers stand here as they are
 * defined there, lane by lane.
 */
import { expect, test } from 'vitest'
import { type Assembler, gp, vector } from '../../../assembler/assembler.ts'
import { emulatingExecutor } from './emulating-executor.ts'
import { pointer, runCode } from './run-code.ts'

const executor = emulatingExecutor()
const lanes = Array.from({ length: 16 }, (_, i) => i)
const bits = (floats: readonly number[]): Int32Array => new Int32Array(Float32Array.from(floats).buffer)
const [first, second, third] = pointer.inputs
const { output } = pointer

const a = lanes.map((i) => i - 7.5)
const b = lanes.map((i) => 3 - i)
const before = Int32Array.from({ length: 16 }, (_, i) => 0x1000 + i)

/** Sets k1. */
function setMask(assembler: Assembler, mask: number): void {
  assembler.moveSmall(gp.rax, mask)
  assembler.setMask(1, gp.rax)
}

/** Registers beyond the fifteenth are named by bits of the prefix that are inverted (2.7.2, EVEX.R′, X, V′). */
test.each([
  [0, 1, 2],
  [15, 16, 31],
  [31, 8, 23],
  [16, 31, 7],
])('registers %i, %i and %i are told apart', (target, left, right) => {
  const received = runCode(executor, [bits(a), bits(b)], before, (assembler) => {
    for (let i = 0; i < 32; i++) assembler.wide(vector.xorIntegers, i, i, i)
    assembler.wideMemory(vector.load, left, 0, { base: first })
    assembler.wideMemory(vector.load, right, 0, { base: second })
    assembler.wide(vector.add, target, left, right)
    assembler.wideMemory(vector.store, target, 0, { base: output })
  })
  expect(received).toEqual(bits(lanes.map((i) => (a[i] as number) + (b[i] as number))))
})

/** VMOVUPS: EVEX.512, with zeroing (2.7.4: elements whose bit is 0 become 0). A register above is overwritten. */
test.each([0, 1, 0x8000, 0x00ff, 0x5a5a, 0xffff])('a load under mask 0x%s', (mask) => {
  const received = runCode(executor, [bits(a), bits(b)], before, (assembler) => {
    setMask(assembler, mask)
    assembler.wideMemory(vector.load, 17, 0, { base: second })
    assembler.wideMemory(vector.load, 17, 0, { base: first }, { mask: 1 })
    assembler.wideMemory(vector.store, 17, 0, { base: output })
  })
  expect(received).toEqual(bits(lanes.map((i) => ((mask >> i) & 1 ? (a[i] as number) : 0))))
})

/** To memory a mask merges always: what it leaves out stays. */
test.each([0, 1, 0x8000, 0x00ff, 0x5a5a, 0xffff])('a store under mask 0x%s', (mask) => {
  const received = runCode(executor, [bits(a)], before, (assembler) => {
    setMask(assembler, mask)
    assembler.wideMemory(vector.load, 3, 0, { base: first })
    assembler.wideMemory(vector.store, 3, 0, { base: output }, { mask: 1 })
  })
  const expected = bits(a)
  expect(received).toEqual(before.map((word, i) => ((mask >> i) & 1 ? (expected[i] as number) : word)))
})

/** 2.7.7, fault suppression: memory of elements that are left out need not exist. Operands end where their regions do. */
test('what a mask leaves out is not touched', () => {
  const received = runCode(executor, [bits(a)], before, (assembler) => {
    setMask(assembler, 0x0007)
    assembler.wideMemory(vector.load, 3, 0, { base: first, displacement: 52 }, { mask: 1 })
    assembler.wideMemory(vector.store, 3, 0, { base: output, displacement: 52 }, { mask: 1 })
  })
  expect(received.subarray(13)).toEqual(bits(a).subarray(13))
  for (const emit of [
    (assembler: Assembler) => {
      setMask(assembler, 0x000f)
      assembler.wideMemory(vector.load, 3, 0, { base: first, displacement: 52 }, { mask: 1 })
    },
    (assembler: Assembler) => assembler.wideMemory(vector.load, 3, 0, { base: first, displacement: 4 }, {}),
  ])
    expect(() => runCode(executor, [bits(a)], before, emit)).toThrow(/which no region holds/)
})

/** KMOVW k, r32: the lower sixteen bits. */
test('a mask is sixteen bits', () => {
  const received = runCode(executor, [bits(a)], before, (assembler) => {
    setMask(assembler, 0xabcd8001)
    assembler.wideMemory(vector.load, 3, 0, { base: first }, { mask: 1 })
    assembler.wideMemory(vector.store, 3, 0, { base: output })
  })
  expect(received).toEqual(bits(lanes.map((i) => (i === 0 || i === 15 ? (a[i] as number) : 0))))
})

/** 2.7.5, compressed displacement: of one byte, in units of what the instruction reads (64, or 4 of a broadcast). */
test.each([0, 64, 128 * 63, 128 * 64 - 64, 128 * 64, 4, 60, -64, -128 * 64, -128 * 64 - 64])(
  'displacement %i',
  (displacement) => {
    const words = Int32Array.from({ length: 1 << 13 }, (_, i) => i)
    const from = 1 << 14
    const received = runCode(executor, [words], new Int32Array(32), (assembler) => {
      assembler.addImmediate(first, from)
      assembler.wideMemory(vector.load, 20, 0, { base: first, displacement })
      assembler.wideMemory(vector.store, 20, 0, { base: output })
      assembler.wideMemory(vector.broadcast, 21, 0, { base: first, displacement }, { bytes: 4 })
      assembler.wideMemory(vector.store, 21, 0, { base: output, displacement: 64 })
    })
    const at = (from + displacement) / 4
    expect(received).toEqual(Int32Array.from([...lanes.map((i) => at + i), ...lanes.map(() => at)]))
  },
)

/** VPXORD; VADDPS; VMAXPS, of which the second operand is the result where one is NaN, or both are 0. */
test('exclusive or, sum, maximum', () => {
  const [x, y] = [bits(a), bits(b)]
  x[0] = 0x7fc01234
  y[1] = 0x7fc04321
  ;[x[2], y[2]] = [0, 0x80000000 | 0]
  ;[x[3], y[3]] = [0x80000000 | 0, 0]
  const floats = (words: Int32Array): Float32Array => new Float32Array(words.buffer)
  for (const [op, of] of [
    [vector.xorIntegers, (i: number) => (x[i] as number) ^ (y[i] as number)],
    [
      vector.max,
      (i: number) => ((floats(x)[i] as number) > (floats(y)[i] as number) ? x[i] : y[i]) as number,
    ],
    [
      vector.add,
      (i: number) =>
        i === 0
          ? 0x7fc01234
          : i === 1
            ? 0x7fc04321
            : (bits([(floats(x)[i] as number) + (floats(y)[i] as number)])[0] as number),
    ],
  ] as const) {
    const received = runCode(executor, [x, y], before, (assembler) => {
      assembler.wideMemory(vector.load, 30, 0, { base: first })
      assembler.wideMemory(vector.load, 31, 0, { base: second })
      assembler.wide(op, 29, 30, 31)
      assembler.wideMemory(vector.store, 29, 0, { base: output })
    })
    expect(received).toEqual(Int32Array.from(lanes, of))
  }
})

/** VFMADD231PS: target + a · b, rounded once: (1 + 2⁻¹²)² is in the middle of two floats, and a tiny third decides. */
test('a product is added and rounded once', () => {
  const tiny = 2 ** -100
  const x = lanes.map((i) => (i % 2 === 0 ? 1 + 2 ** -12 : i))
  const y = lanes.map((i) => (i % 4 === 2 ? -1 - 2 ** -12 : i % 2 === 0 ? 1 + 2 ** -12 : i + 0.5))
  const z = lanes.map((i) => (i % 2 === 1 ? 1 : i < 8 ? tiny : -tiny))
  const up = 1 + 2 ** -11 + 2 ** -23
  const down = 1 + 2 ** -11
  const expected = lanes.map((i) => {
    if (i % 2 === 1) return i * (i + 0.5) + 1
    const isNegative = i % 4 === 2
    // The tiny third moves a positive sum up and a negative one towards 0, or the reverse.
    const magnitude = isNegative === i < 8 ? down : up
    return isNegative ? -magnitude : magnitude
  })
  const received = runCode(executor, [bits(x), bits(y), bits(z)], before, (assembler) => {
    assembler.wideMemory(vector.load, 27, 0, { base: third })
    assembler.wideMemory(vector.load, 18, 0, { base: first })
    assembler.wideMemory(vector.load, 9, 0, { base: second })
    assembler.wide(vector.addProduct, 27, 18, 9)
    assembler.wideMemory(vector.store, 27, 0, { base: output })
  })
  expect(received).toEqual(bits(expected))
})

/** VZEROUPPER: bits 128 and up of the first sixteen registers; a shorter instruction sets what is above it to 0. */
test('upper halves', () => {
  const received = runCode(executor, [bits(a)], new Int32Array(48), (assembler) => {
    for (const register of [5, 16, 6]) assembler.wideMemory(vector.load, register, 0, { base: first })
    assembler.vectorMemory(vector.load, 6, 0, { base: first })
    assembler.wideMemory(vector.store, 6, 0, { base: output, displacement: 128 })
    assembler.zeroUpper()
    assembler.wideMemory(vector.store, 5, 0, { base: output })
    assembler.wideMemory(vector.store, 16, 0, { base: output, displacement: 64 })
  })
  const upTo = (count: number): number[] => a.map((value, i) => (i < count ? value : 0))
  expect(received).toEqual(bits([...upTo(4), ...a, ...upTo(8)]))
})
