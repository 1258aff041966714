/**
 * Each elementwise operation as instructions on eight elements. An operation reads its operands' registers, writes
 * `target`, which is none of them, and may change ymm14 (`scratch`); the others it asks for (`temporary`).
 */
import type { KernelOp } from 'typegrad/engine'
import { type Assembler, type VectorOp, vector } from '../assembler/assembler.ts'
import type { ConstantPool } from '../assembler/constant-pool.ts'

/** ymm14, which every operation may change. */
export const scratch = 14

export interface EmitContext {
  readonly assembler: Assembler
  readonly pool: ConstantPool
  /** A register of its own: no operand's. */
  readonly target: number
  readonly operands: readonly number[]
  temporary(use: (register: number) => void): void
}

type Emit = (context: EmitContext) => void

const binary =
  (op: VectorOp, immediate?: number): Emit =>
  ({ assembler, target, operands: [a = 0, b = 0] }) =>
    assembler.vector(op, target, a, b, immediate)

const unary =
  (op: VectorOp, immediate?: number): Emit =>
  ({ assembler, target, operands: [a = 0] }) =>
    assembler.vector(op, target, 0, a, immediate)

/** Comparisons that are false for NaN and raise nothing. */
const compare = { equal: 0x00, less: 0x11, lessEqual: 0x12, unordered: 0x03 }
/** To the nearest even, down, up; without an exception for what is lost. */
const rounding = { nearest: 8, down: 9, up: 10 }

/** The processor's max and min give the second operand where one is NaN: NaN of the first must come through too. */
const extreme =
  (op: VectorOp): Emit =>
  ({ assembler, target, operands: [a = 0, b = 0] }) => {
    assembler.vector(vector.compare, scratch, a, a, compare.unordered)
    assembler.vector(op, target, a, b)
    assembler.vector(vector.blend, target, target, a, scratch << 4)
  }

/** How each operation becomes instructions. */
export const emitOp: Readonly<Record<KernelOp, Emit>> = {
  copy: ({ assembler, target, operands: [a = 0] }) => assembler.vector(vector.load, target, 0, a),
  add: binary(vector.add),
  sub: binary(vector.sub),
  mul: binary(vector.mul),
  div: binary(vector.div),
  max: extreme(vector.max),
  min: extreme(vector.min),
  equal: binary(vector.compare, compare.equal),
  less: binary(vector.compare, compare.less),
  lessEqual: binary(vector.compare, compare.lessEqual),
  and: binary(vector.and),
  or: binary(vector.or),
  xor: binary(vector.xor),
  select: ({ assembler, target, operands: [condition = 0, then = 0, otherwise = 0] }) =>
    assembler.vector(vector.blend, target, otherwise, then, condition << 4),
  not: ({ assembler, target, operands: [a = 0] }) => {
    assembler.vector(vector.equalIntegers, scratch, scratch, scratch)
    assembler.vector(vector.xor, target, a, scratch)
  },
  toFloat: ({ assembler, pool, target, operands: [a = 0] }) =>
    assembler.vectorMemory(vector.and, target, a, pool.float(1)),
  neg: ({ assembler, pool, target, operands: [a = 0] }) =>
    assembler.vectorMemory(vector.xor, target, a, pool.word(0x80000000)),
  abs: ({ assembler, pool, target, operands: [a = 0] }) =>
    assembler.vectorMemory(vector.and, target, a, pool.word(0x7fffffff)),
  sqrt: unary(vector.sqrt),
  floor: unary(vector.round, rounding.down),
  ceil: unary(vector.round, rounding.up),
  round: unary(vector.round, rounding.nearest),
  reciprocal: ({ assembler, pool, target, operands: [a = 0] }) => {
    assembler.vectorMemory(vector.load, scratch, 0, pool.float(1))
    assembler.vector(vector.div, target, scratch, a)
  },
  // Zero first: the second operand, and so NaN, comes through.
  relu: ({ assembler, target, operands: [a = 0] }) => {
    assembler.vector(vector.xor, scratch, scratch, scratch)
    assembler.vector(vector.max, target, scratch, a)
  },
  exp: (context) => emitExp(context, context.operands[0] as number),
  sigmoid: (context) => {
    const { assembler, pool, target, operands } = context
    // 1 / (1 + e^−x)
    context.temporary((negative) => {
      assembler.vectorMemory(vector.xor, negative, operands[0] as number, pool.word(0x80000000))
      emitExp(context, negative)
    })
    assembler.vectorMemory(vector.load, scratch, 0, pool.float(1))
    assembler.vector(vector.add, target, target, scratch)
    assembler.vector(vector.div, target, scratch, target)
  },
  tanh: emitTanh,
}

/**
 * eˣ = 2ⁿ · e^r with n the nearest whole number to x / ln 2. The polynomial for e^r is that of Cephes' expf
 * (Moshier, https://netlib.org/cephes), good to an ulp or so; 2ⁿ is multiplied in two halves, so that the ends of the
 * range come out as infinity, denormals and zero.
 */
function emitExp({ assembler, pool, target, temporary }: EmitContext, x: number): void {
  const polynomial = [
    1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1, 1,
  ]
  temporary((r) => {
    assembler.vectorMemory(vector.load, r, 0, pool.float(-104))
    assembler.vector(vector.max, r, r, x)
    assembler.vectorMemory(vector.load, scratch, 0, pool.float(89))
    assembler.vector(vector.min, r, scratch, r)
    assembler.vectorMemory(vector.mul, scratch, r, pool.float(Math.LOG2E))
    assembler.vector(vector.round, scratch, 0, scratch, rounding.nearest)
    // ln 2 in two parts, the first of which is exact times any n.
    assembler.vectorMemory(vector.subtractProduct, r, scratch, pool.float(0.693359375))
    assembler.vectorMemory(vector.subtractProduct, r, scratch, pool.float(-2.1219444e-4))
    polynomial.forEach((coefficient, i) => {
      if (i === 0) assembler.vectorMemory(vector.load, target, 0, pool.float(coefficient))
      else assembler.vectorMemory(vector.multiplyAdd, target, r, pool.float(coefficient))
    })
    assembler.vector(vector.toIntegers, scratch, 0, scratch)
    shift(assembler, r, scratch, arithmeticRight, 1)
    assembler.vector(vector.subIntegers, scratch, scratch, r)
    for (const half of [r, scratch]) {
      assembler.vectorMemory(vector.addIntegers, half, half, pool.word(127))
      shift(assembler, half, half, left, 23)
      assembler.vector(vector.mul, target, target, half)
    }
  })
}

/** Which way a shift goes, in the encoding. */
const arithmeticRight = 4
const left = 6

const shift = (assembler: Assembler, to: number, from: number, direction: number, bits: number): void =>
  assembler.vector(vector.shiftIntegers, direction, to, from, bits)

/**
 * tanh x = 1 − 2 / (e^2|x| + 1) with the sign of x; below 0.625, where that loses digits, x + x³ · p(x²) with the
 * polynomial of Cephes' tanhf.
 */
function emitTanh(context: EmitContext): void {
  const polynomial = [
    -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
  ]
  const { assembler, pool, target, operands, temporary } = context
  const x = operands[0] as number
  const [sign, magnitude] = [pool.word(0x80000000), pool.word(0x7fffffff)]
  temporary((twice) => {
    assembler.vectorMemory(vector.and, twice, x, magnitude)
    assembler.vector(vector.add, twice, twice, twice)
    emitExp(context, twice)
  })
  assembler.vectorMemory(vector.load, scratch, 0, pool.float(1))
  assembler.vector(vector.add, target, target, scratch)
  assembler.vectorMemory(vector.load, scratch, 0, pool.float(2))
  assembler.vector(vector.div, target, scratch, target)
  assembler.vectorMemory(vector.load, scratch, 0, pool.float(1))
  assembler.vector(vector.sub, target, scratch, target)
  assembler.vectorMemory(vector.and, scratch, x, sign)
  assembler.vector(vector.or, target, target, scratch)
  temporary((square) =>
    temporary((small) => {
      assembler.vector(vector.mul, square, x, x)
      polynomial.forEach((coefficient, i) => {
        if (i === 0) assembler.vectorMemory(vector.load, small, 0, pool.float(coefficient))
        else assembler.vectorMemory(vector.multiplyAdd, small, square, pool.float(coefficient))
      })
      assembler.vector(vector.mul, small, small, square)
      assembler.vector(vector.multiplyAdd, small, x, x)
      assembler.vectorMemory(vector.and, scratch, x, magnitude)
      assembler.vectorMemory(vector.compare, scratch, scratch, pool.float(0.625), compare.less)
      assembler.vector(vector.blend, target, target, small, scratch << 4)
    }),
  )
}
