import type { Shape } from '../base/shape.ts'

/** What a kernel does to one element; `exp`, `tanh` and `sigmoid` are approximated to about two units of the last digit. */
export const kernelOps = {
  copy: 1,
  neg: 1,
  abs: 1,
  sqrt: 1,
  reciprocal: 1,
  relu: 1,
  floor: 1,
  ceil: 1,
  round: 1,
  exp: 1,
  tanh: 1,
  sigmoid: 1,
  not: 1,
  /** true → 1, false → 0. */
  toFloat: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  max: 2,
  min: 2,
  equal: 2,
  less: 2,
  lessEqual: 2,
  and: 2,
  or: 2,
  xor: 2,
  /** condition, then, otherwise. */
  select: 3,
} as const satisfies Record<string, number>

export type KernelOp = keyof typeof kernelOps

/** A value of a kernel: an input, a constant, or the result of an earlier instruction. */
export type KernelValue =
  | {
      readonly kind: 'input'
      readonly dtype: KernelInputDType
      /** The first element that is read. */
      readonly offset: number
      readonly strides: Strides
    }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'op'; readonly op: KernelOp; readonly operands: readonly number[] }

export type KernelDType = 'float32' | 'bool'

/** What an input is in memory. Bytes are read as the floats of their numbers, and are these for the kernel. */
export type KernelInputDType = KernelDType | 'uint8'

/** Sizes along a kernel's axes, the slowest first. */
export type Axes = readonly [number, number, number, number]

/** How far apart an input's elements are along each of the axes; 0 where it is broadcast, 0 or 1 along the last. */
export type Strides = readonly [number, number, number, number]

/**
 * Several elementwise operations on one shape as one piece of work: what would otherwise pass through memory between
 * them stays in registers.
 *
 * Its shape is given as four axes that all inputs lie regularly along: neighbours that no input tells apart are
 * merged. Values name their operands by position, and stand behind them.
 */
export interface ElementwiseKernel {
  readonly kind: 'elementwise'
  /** The shape of every output, as the model has it. */
  readonly shape: Shape
  /** The same number of elements along four axes; outputs are contiguous. */
  readonly axes: Axes
  readonly values: readonly KernelValue[]
  /** Positions of the values that are written, in order. */
  readonly outputs: readonly number[]
}

const logical: ReadonlySet<string> = new Set<KernelOp>([
  'equal',
  'less',
  'lessEqual',
  'and',
  'or',
  'xor',
  'not',
])

/** What a value is within the kernel and as an output: floats travel as themselves, bools as one byte. */
export function dtypeOfValue(value: KernelValue): KernelDType {
  if (value.kind === 'input') return value.dtype === 'uint8' ? 'float32' : value.dtype
  return value.kind === 'op' && logical.has(value.op) ? 'bool' : 'float32'
}

/**
 * The position after which each value is not read any more; outputs are read after the last instruction. What an
 * allocation of registers goes by.
 */
export function lastReads({ values, outputs }: ElementwiseKernel): number[] {
  const last = values.map((_, i) => i)
  values.forEach((value, i) => {
    if (value.kind === 'op') for (const operand of value.operands) last[operand] = i
  })
  for (const output of outputs) last[output] = values.length
  return last
}

/** The largest number of values that are alive at once: constants while they are read, inputs from their first read on. */
export function registersNeeded(kernel: ElementwiseKernel): number {
  const last = lastReads(kernel)
  const alive = new Set<number>()
  let max = 0
  kernel.values.forEach((value, i) => {
    if (value.kind !== 'op') return
    for (const operand of value.operands) alive.add(operand)
    max = Math.max(max, alive.size + 1)
    for (const operand of value.operands)
      if (last[operand] === i || kernel.values[operand]?.kind === 'constant') alive.delete(operand)
    alive.add(i)
  })
  return max
}
