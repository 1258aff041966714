import type { Shape } from '../base/shape.ts'
import type { Node, NodeOf } from './node.ts'
import type { MaskPositions } from './primitives.ts'

type MaskedSoftmax = NodeOf<'maskedSoftmax'>

/** What a masked softmax reads beside the scores; dtypes tell a mask and an offset apart. */
export function partsOfMaskedSoftmax(inputs: readonly Node[]): {
  readonly mask: Node | undefined
  readonly offset: Node | undefined
} {
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
