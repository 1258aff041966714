import type { DType } from '../base/dtype.ts'
import type { Shape } from '../base/shape.ts'

/** Which keys each query may see by their positions alone: query i stands at key `offset` + i. */
export interface MaskPositions {
  /** Whether a query sees no key after its own position. */
  readonly causal: boolean
  /** A query sees only keys fewer than so many positions away; left out: however far. */
  readonly window?: number
  readonly offset: number
}

/** What is asked of a masked softmax: the node, or what it will be. */
interface MaskedSoftmax {
  readonly inputs: readonly { readonly dtype: DType }[]
  readonly params: MaskPositions
  readonly shape: Shape
}

/** What a masked softmax reads beside the scores; dtypes tell a mask and an offset apart. */
export function partsOfMaskedSoftmax<N extends { readonly dtype: DType }>(
  inputs: readonly N[],
): { readonly mask: N | undefined; readonly offset: N | undefined } {
  const [, ...others] = inputs
  return {
    mask: others.find(({ dtype }) => dtype === 'bool'),
    offset: others.find(({ dtype }) => dtype === 'int32' || dtype === 'int64'),
  }
}

/**
 * Whether positions may leave a query without any key: the first ones where their positions begin before the keys, the
 * last ones where these end outside of the window.
 *
 * Sizes count only as far as a model with open sizes keeps what three traces say of them: queries and keys of one length,
 * or queries that end where the keys do.
 */
export function positionsMayHideAll(
  { causal, window, offset }: MaskPositions,
  queries: number,
  keys: number,
): boolean {
  const nearest = causal ? 0 : (window ?? 1) - 1
  const firstSees = (!causal && window === undefined) || offset + nearest >= 0
  const isAligned = queries === keys || offset + queries === keys
  const lastSees = window === undefined || (isAligned && offset + queries - window < keys)
  return !(firstSees && lastSees)
}

/** Whether some query of a masked softmax may see no key, for all that is known before it runs. */
export function mayHideAll(node: MaskedSoftmax): boolean {
  const { mask, offset } = partsOfMaskedSoftmax(node.inputs)
  if (mask !== undefined || offset !== undefined) return true
  const [queries, keys] = node.shape.slice(-2) as [number, number]
  return positionsMayHideAll(node.params, queries, keys)
}

/** Whether a masked softmax is 0 above the diagonal of its matrices, which are square. */
export const isZeroAboveDiagonal = ({ inputs, params, shape }: MaskedSoftmax): boolean =>
  isSquare(shape) && params.causal && params.offset <= 0 && partsOfMaskedSoftmax(inputs).offset === undefined

const isSquare = (shape: Shape): boolean => shape.at(-1) === shape.at(-2)
