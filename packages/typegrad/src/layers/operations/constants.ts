import { toNumbers } from '../../base/conversions.ts'
import { type DType, dtypes } from '../../base/dtype.ts'
import { FormatError } from '../../base/errors.ts'
import { flattenNested, tensor } from '../../tensor/create.ts'
import { fromData, type Tensor } from '../../tensor/tensor.ts'

/** A tensor that a saved call of an operation holds, as Keras writes it. */
export interface SavedConstant {
  readonly className: '__tensor__'
  readonly config: { readonly value: unknown; readonly dtype: string }
}

export const isConstant = (value: unknown): value is SavedConstant =>
  typeof value === 'object' && value !== null && (value as Partial<SavedConstant>).className === '__tensor__'

/**
 * What a configuration holds of a tensor: its elements if they are in memory, elsewhere the tensor itself, which a model
 * that is made again at once takes. What is saved has been settled before.
 */
export function savedConstant(value: Tensor): SavedConstant | Tensor {
  const { node, shape, dtype } = value
  const data =
    node.kind === 'data' ? node.params.source.host : node.kind === 'constant' ? node.params.data : undefined
  if (data == null) return value
  const flat =
    dtype === 'int64'
      ? Array.from(data as BigInt64Array, Number)
      : Array.from<number | bigint, number>(toNumbers(data, dtype), Number)
  const elements = dtype === 'bool' ? flat.map(Boolean) : flat
  let next = 0
  const nested = (axis: number): unknown =>
    axis === shape.length
      ? elements[next++]
      : Array.from({ length: shape[axis] as number }, () => nested(axis + 1))
  return { className: '__tensor__', config: { value: nested(0), dtype } }
}

/** Brings the elements of tensors into memory. */
export async function settleConstants(tensors: readonly Tensor[]): Promise<void> {
  for (const constant of tensors) {
    const isThere = constant.node.kind === 'data' && constant.node.params.source.host != null
    if (!isThere)
      constant.settle({ host: await constant.data(), shape: constant.shape, dtype: constant.dtype })
  }
}

/** The tensor of a saved constant. @throws FormatError for a dtype that there is not. */
export function constantOf({ config: { value, dtype } }: SavedConstant): Tensor {
  const known = dtypes.find((one) => one === dtype)
  if (known === undefined) {
    throw new FormatError({
      where: 'a constant of the model',
      expected: `one of dtype ${dtypes.join(', ')}`,
      received: `dtype ${dtype}, which is not supported`,
    })
  }
  const flat: (number | bigint)[] = []
  const shape = flattenNested(nonFinite(value), flat)
  return flat.length === 0 ? fromData(empty(known), shape, known) : tensor(nonFinite(value), { dtype: known })
}

const empty = (dtype: DType) => (dtype === 'int64' ? new BigInt64Array(0) : new Float32Array(0))

/** NaN, for which JSON has no word, stands as a string in what was read. */
export function nonFinite(value: unknown): unknown {
  if (value === 'NaN') return Number.NaN
  return Array.isArray(value) ? value.map(nonFinite) : value
}
