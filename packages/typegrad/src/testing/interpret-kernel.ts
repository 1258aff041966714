import {
  dtypeOfValue,
  type ElementwiseKernel,
  type KernelOp,
  type KernelValue,
} from '../kernel/elementwise.ts'

type Apply = (a: number, b: number, c: number) => number

const f = Math.fround
const bit = (truth: boolean): number => (truth ? 1 : 0)

/** What kernels compute, one element at a time, in float32: exponentials are as exact as float64 makes them. */
const apply: Readonly<Record<KernelOp, Apply>> = {
  copy: (a) => a,
  neg: (a) => -a,
  abs: (a) => Math.abs(a),
  sqrt: (a) => f(Math.sqrt(a)),
  reciprocal: (a) => f(1 / a),
  relu: (a) => (a <= 0 ? 0 : a),
  floor: (a) => Math.floor(a),
  ceil: (a) => Math.ceil(a),
  round: (a) => roundToEven(a),
  exp: (a) => f(Math.exp(a)),
  tanh: (a) => f(Math.tanh(a)),
  sigmoid: (a) => f(1 / (1 + Math.exp(-a))),
  not: (a) => 1 - a,
  toFloat: (a) => a,
  add: (a, b) => f(a + b),
  sub: (a, b) => f(a - b),
  mul: (a, b) => f(a * b),
  div: (a, b) => f(a / b),
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  equal: (a, b) => bit(a === b),
  less: (a, b) => bit(a < b),
  lessEqual: (a, b) => bit(a <= b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  select: (a, b, c) => (a === 1 ? b : c),
}

function roundToEven(x: number): number {
  const below = Math.floor(x)
  if (x - below !== 0.5) return Math.round(x)
  return below % 2 === 0 ? below : below + 1
}

/** A kernel's outputs for inputs in order: the definition that machine code is held to. */
export function interpretKernel(
  { axes, values, outputs }: ElementwiseKernel,
  inputs: readonly ArrayLike<number>[],
): (Float32Array | Uint8Array)[] {
  const [far, middle, near, inner] = axes
  const total = far * middle * near * inner
  const results = outputs.map((i) =>
    dtypeOfValue(values[i] as KernelValue) === 'bool' ? new Uint8Array(total) : new Float32Array(total),
  )
  for (let at = 0; at < total; at++) {
    const index = [
      Math.floor(at / (middle * near * inner)),
      Math.floor(at / (near * inner)) % middle,
      Math.floor(at / inner) % near,
      at % inner,
    ]
    const known: number[] = []
    let next = 0
    for (const value of values) {
      if (value.kind === 'constant') {
        known.push(f(value.value))
      } else if (value.kind === 'input') {
        const place = index.reduce((sum, i, axis) => sum + i * (value.strides[axis] as number), value.offset)
        known.push(inputs[next++]?.[place] as number)
      } else {
        const [a = 0, b = 0, c = 0] = value.operands.map((operand) => known[operand] as number)
        known.push(apply[value.op](a, b, c))
      }
    }
    outputs.forEach((output, i) => {
      ;(results[i] as Float32Array)[at] = known[output] as number
    })
  }
  return results
}
