import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Operator, Operators } from '../node-call.ts'

/** Vectors are a row on the left and a column on the right, as NumPy's matmul has it. */
const matMul: Operator = (call) => product(call.input(0), call.input(1))

export function product(a: Tensor, b: Tensor): Tensor {
  const [left, right] = [a.rank === 1 ? ops.expandDims(a, 0) : a, b.rank === 1 ? ops.expandDims(b, 1) : b]
  const made = apply('matmul', [left, right], {})
  const shape = made.shape.filter(
    (_, i) => !(a.rank === 1 && i === made.rank - 2) && !(b.rank === 1 && i === made.rank - 1),
  )
  return shape.length === made.rank ? made : apply('reshape', [made], { shape })
}

const turned = (x: Tensor): Tensor => apply('transpose', [x], { permutation: [1, 0] })

/** α · A · B + β · C, with A and B transposed where it is said. */
const gemm: Operator = (call) => {
  const a = call.int('transA', 0) === 1 ? turned(call.input(0)) : call.input(0)
  const b = call.int('transB', 0) === 1 ? turned(call.input(1)) : call.input(1)
  const c = call.optional(2)
  const [alpha, beta] = [call.float('alpha', 1), call.float('beta', 1)]
  const made = apply('matmul', [a, b], {})
  const scaled = alpha === 1 ? made : apply('mul', [made, call.like(alpha, made)], {})
  if (c === undefined || beta === 0) return scaled
  return apply('add', [scaled, beta === 1 ? c : apply('mul', [c, call.like(beta, c)], {})], {})
}

export const products: Operators = {
  Einsum: (call) => ops.einsum(call.string('equation', '').replaceAll(' ', ''), ...call.all),
  Gemm: gemm,
  MatMul: matMul,
}
