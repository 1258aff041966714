import { fitsDType } from '../base/conversions.ts'
import { type DType, isFloating } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { makeNode } from '../graph/node.ts'
import type { Primitive, PrimitiveParams } from '../graph/primitives.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import { scalar, Tensor } from '../tensor/tensor.ts'

/** A tensor made by one primitive. */
export function apply<P extends Primitive>(
  kind: P,
  inputs: readonly Tensor[],
  params: PrimitiveParams[P],
): Tensor {
  return new Tensor(
    makeNode(
      kind,
      inputs.map((input) => input.node),
      params,
    ),
  )
}

/** Narrow to wide; a mixed pair takes the wider one. Integers with floats take the float, as in PyTorch and Keras. */
const widths: Readonly<Record<DType, number>> = {
  bool: 0,
  uint8: 1,
  uint32: 2,
  int32: 3,
  int64: 4,
  float16: 5,
  bfloat16: 5,
  float32: 6,
  float64: 7,
}

/**
 * The dtype of an operation on two others: the wider one in the order bool, uint8, int32, int64, float16 or bfloat16,
 * float32, float64; both of 16 bits make float32, as in PyTorch. This is NumPy's rule but for integers with floats, which do not widen the float
 * (NumPy would make int32 + float32 a float64, which is slow and seldom meant).
 */
export const promoteTypes = (a: DType, b: DType): DType => {
  if ((a === 'uint32' && b === 'int32') || (a === 'int32' && b === 'uint32')) return 'int64'
  if (a !== b && widths[a] === widths[b]) return 'float32'
  return widths[a] >= widths[b] ? a : b
}

/** The same tensor in another dtype; itself if it has that one. */
export const cast = <S extends Shape, D extends DType>(x: Tensor<S>, dtype: D): Tensor<S, D> =>
  (x.dtype === dtype ? x : apply('cast', [x], { dtype })) as Tensor<S, D>

/** A tensor fit for floating-point mathematics: integers and bools become float32. */
export const toFloating = (x: Tensor): Tensor => (isFloating(x.dtype) ? x : cast(x, 'float32'))

/** A tensor fit for counting and summing: bools and bytes become int32, whose sums do not overflow soon. */
export const countable = (x: Tensor): Tensor =>
  x.dtype === 'bool' || x.dtype === 'uint8' ? cast(x, 'int32') : x

/** A tensor fit for arithmetic: bools become int32. */
export const numeric = (x: Tensor): Tensor => (x.dtype === 'bool' ? cast(x, 'int32') : x)

/**
 * Both operands in their common dtype. A plain number is weak: it takes the tensor's dtype, unless the
 * tensor is an integer one and the number is not, or not one in its range.
 */
export function promote(a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  if (a instanceof Tensor && typeof b === 'number') {
    const x = fitsDType(b, a.dtype) && a.dtype !== 'bool' ? a : weaklyPromoted(a, b)
    return [x, scalar(b, x.dtype)]
  }
  if (b instanceof Tensor && typeof a === 'number') {
    const x = fitsDType(a, b.dtype) && b.dtype !== 'bool' ? b : weaklyPromoted(b, a)
    return [scalar(a, x.dtype), x]
  }
  const [x, y] = [asTensor(a), asTensor(b)]
  const dtype = promoteTypes(x.dtype, y.dtype)
  return [cast(x, dtype), cast(y, dtype)]
}

function weaklyPromoted(x: Tensor, value: number): Tensor {
  if (!Number.isInteger(value)) return cast(x, 'float32')
  return cast(x, promoteTypes(x.dtype, fitsDType(value, 'int32') ? 'int32' : 'int64'))
}

/** An axis counted from the front. @throws ArgumentError if the shape has no such axis. */
export function normalizeAxis(where: string, axis: number, shape: Shape, extra = 0): number {
  const rank = shape.length + extra
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ArgumentError({
      where,
      expected:
        rank === 0
          ? 'no axis for a scalar'
          : `an axis from ${-rank} to ${rank - 1} for shape ${formatShape(shape)}`,
      received: String(axis),
    })
  }
  return axis < 0 ? axis + rank : axis
}

/** Axes counted from the front, sorted and without repetition; all of them if none is given. */
export function normalizeAxes(
  where: string,
  axis: number | readonly number[] | undefined,
  shape: Shape,
): number[] {
  if (axis === undefined) return shape.map((_, i) => i)
  const list = typeof axis === 'number' ? [axis] : axis
  return [...new Set(list.map((a) => normalizeAxis(where, a, shape)))].sort((a, b) => a - b)
}
