import { ShapeError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Check, MatMul, Ok } from '../tensor/shape-types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, countable, promote } from './apply.ts'
import type { ShapeOf } from './types.ts'

/** Both in their common dtype; sums of bools and bytes are int32. */
function factors(a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  const [x, y] = promote(asTensor(a), asTensor(b))
  return [countable(x), countable(y)]
}

/**
 * The matrix product, with NumPy's rules: vectors count as a row (left) or a column (right), and leading
 * dimensions are batches that broadcast.
 *
 * @throws ShapeError if the inner dimensions differ.
 * @example
 * ops.matmul(tensor([[1, 2], [3, 4]]), tensor([1, 1])) // [3, 7]
 */
export function matmul<A extends TensorLike, B extends TensorLike>(
  a: A,
  b: B & Check<MatMul<ShapeOf<A>, ShapeOf<B>>>,
): Tensor<Ok<MatMul<ShapeOf<A>, ShapeOf<B>>>>
export function matmul(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = factors(a, b)
  if (x.rank === 0 || y.rank === 0) {
    throw new ShapeError({
      where: 'matmul',
      expected: 'two tensors of at least one dimension',
      received: `shapes ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
      fix: 'Use mul for products with a scalar.',
    })
  }
  const left = x.rank === 1 ? apply('reshape', [x], { shape: [1, ...x.shape] }) : x
  const right = y.rank === 1 ? apply('reshape', [y], { shape: [...y.shape, 1] }) : y
  const product = apply('matmul', [left, right], {})
  if (x.rank > 1 && y.rank > 1) return product
  const batch = product.shape.slice(0, -2)
  const rows = x.rank === 1 ? [] : [product.shape.at(-2) as number]
  const columns = y.rank === 1 ? [] : [product.shape.at(-1) as number]
  return apply('reshape', [product], { shape: [...batch, ...rows, ...columns] })
}

/** All products of one vector's elements with another's: (M), (N) → (M, N). */
export function outer(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = factors(a, b)
  const column = apply('reshape', [x], { shape: [x.size, 1] })
  return apply('mul', [column, apply('reshape', [y], { shape: [1, y.size] })], {})
}

/** The sum of two tensors' products, elementwise: a scalar. */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = factors(a, b)
  const products = apply('mul', [x, y], {})
  return apply('reduceSum', [products], { axes: products.shape.map((_, i) => i), keepDims: false })
}
