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

/** `...` stands for axes that broadcast: they get letters of their own, the last one first. */
const einsum: Operator = (call) => {
  const equation = call.string('equation', '').replaceAll(' ', '')
  if (!equation.includes('...')) return ops.einsum(equation, ...call.all)
  const [left = '', right] = equation.split('->')
  const terms = left.split(',')
  const free = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter(
    (letter) => !equation.includes(letter),
  )
  const extra = terms.map((term, i) =>
    term.includes('...') ? (call.all[i] as Tensor).rank - term.replace('...', '').length : 0,
  )
  const most = Math.max(...extra)
  const letters = free.slice(0, most)
  const operands = terms.map((term, i) => {
    const x = call.all[i] as Tensor
    const start = term.indexOf('...')
    if (start === -1) return { x, term }
    const own = letters.slice(most - (extra[i] as number))
    // An axis of one broadcasts: it is none of this operand's.
    const gone = own.flatMap((_, j) => (x.shape[start + j] === 1 ? [start + j] : []))
    return {
      x: gone.length === 0 ? x : ops.squeeze(x, gone),
      term: term.replace('...', own.filter((_, j) => !gone.includes(start + j)).join('')),
    }
  })
  const given = operands.map(({ term }) => term).join('')
  const ones = letters.filter((letter) => !given.includes(letter))
  const wide = letters.filter((letter) => given.includes(letter)).join('')
  const once = [...new Set(left.replaceAll(/[.,]/g, ''))].filter((letter) => left.split(letter).length === 2)
  const result = right === undefined ? `...${once.sort().join('')}` : right
  const made = ops.einsum(
    `${operands.map(({ term }) => term).join()}->${result.replace('...', wide)}`,
    ...operands.map(({ x }) => x),
  )
  if (ones.length === 0 || !result.includes('...')) return made
  const start = result.indexOf('...')
  const shape = [...made.shape]
  for (const [j, letter] of letters.entries()) if (ones.includes(letter)) shape.splice(start + j, 0, 1)
  return ops.reshape(made, shape)
}

/** Rows up to which a determinant is spelt out, for its elimination is a part of the graph. */
const largestMatrix = 32

/** Of matrices (…, n, n), by Gauss's elimination with the largest element of each column as its pivot. */
const det: Operator = (call) => {
  const x = call.input(0)
  const size = x.shape.at(-1) as number
  if (size > largestMatrix) return call.refuse(`of ${size} rows: ${largestMatrix} at most`)
  const batch = x.shape.slice(0, -2)
  let rest: Tensor = ops.reshape(x, [-1, size, size])
  let product: Tensor = ops.add(ops.mul(ops.sum(rest, [1, 2]), 0), 1)
  for (let n = size; n > 0; n--) {
    const first = ops.at(rest, 0, 2)
    const pivot = ops.argMax(ops.abs(first), 1)
    const isPivot = ops.cast(
      ops.equal(
        ops.cast(ops.expandDims(pivot, 1), 'int32'),
        apply('iota', [], { length: n, dtype: 'int32' }),
      ),
      x.dtype,
    )
    const row = ops.sum(ops.mul(rest, ops.expandDims(isPivot, 2)), 1)
    const head = ops.at(row, 0, 1)
    // A row that is exchanged with the first one turns the sign.
    const sign = ops.where(ops.equal(pivot, 0), call.like(1, x), call.like(-1, x))
    product = ops.mul(product, ops.mul(head, sign))
    if (n === 1) break
    // The first row takes the pivot's place.
    const top = ops.expandDims(ops.at(rest, 0, 1), 1)
    const moved = ops.add(rest, ops.mul(ops.expandDims(isPivot, 2), ops.sub(top, rest)))
    const below = ops.stridedSlice(moved, 1, 1)
    const factors = ops.div(ops.at(below, 0, 2), ops.expandDims(ops.where(ops.equal(head, 0), 1, head), 1))
    const next = ops.sub(below, ops.mul(ops.expandDims(factors, 2), ops.expandDims(row, 1)))
    rest = ops.stridedSlice(next, 2, 1)
  }
  return ops.reshape(product, batch)
}

export const products: Operators = {
  Det: det,
  Einsum: einsum,
  Gemm: gemm,
  MatMul: matMul,
}
