import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { boolean, checkOption } from '../../base/options.ts'
import { apply, cast } from '../../ops/apply.ts'
import {
  type AnyQueryOffset,
  anyQueryOffsetCheck,
  type QueryOffset,
  queryOffsetCheck,
} from '../../ops/attention.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { CallContext } from '../base/layer.ts'
import { maskOf } from '../base/masks.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'

/** What attention is told beside queries, values and keys. */
export interface AttentionMasks {
  /** Which keys each query may see: bool (batch, queries, keys), or with the heads before the queries. */
  readonly attentionMask?: Tensor | undefined
  /** Which queries are there, rather than padding: bool (batch, queries). */
  readonly queryMask?: Tensor | undefined
  /** Which values are there: bool (batch, keys). */
  readonly valueMask?: Tensor | undefined
  /** Which keys are there: bool (batch, keys). */
  readonly keyMask?: Tensor | undefined
}

export interface AttentionInputs extends AttentionMasks {
  readonly query: Tensor
  readonly value: Tensor
  readonly key: Tensor
}

/**
 * The parts of a list `[query, value]`, `[query, value, key]` or `[query, value, key, mask]`. A mask of rank 2 says
 * which keys are there, one of a higher rank which keys each query may see. The masks that travel beside the
 * tensors say which of their steps are there, unless the call is given others.
 */
export function attentionInputs(
  inputs: readonly Tensor[],
  { queryMask, valueMask, keyMask, attentionMask }: AttentionMasks = {},
): AttentionInputs {
  const [query, value, key = value, mask] = inputs as readonly [Tensor, Tensor, Tensor?, Tensor?]
  const present = {
    queryMask: queryMask ?? maskOf(query),
    valueMask: valueMask ?? maskOf(value),
    keyMask: keyMask ?? (key === value ? undefined : maskOf(key)),
    attentionMask,
  }
  if (mask === undefined) return { query, value, key, ...present }
  if (mask.rank !== 2) return { query, value, key, ...present, attentionMask: allOf([attentionMask, mask]) }
  return { query, value, key, ...present, valueMask: allOf([present.valueMask, mask]) }
}

/** What a call of an attention layer may be told beside its inputs. */
export interface AttentionContext extends CallContext, AttentionMasks {
  /** Whether a query sees no key after its own position. Default: as the layer was made. */
  readonly useCausalMask?: boolean | undefined
  /** Which key the first query stands at: also a scalar tensor (int32), which may be computed. Default: as the layer was made. */
  readonly queryOffset?: AnyQueryOffset | undefined
  /** Whether to give, behind the output, the weights that each query gives to the values. Default false. */
  readonly returnAttentionScores?: boolean | undefined
}

/** What both kinds of attention say of where queries stand. */
export interface CausalOptions {
  /** Whether a query sees no key after its own position. Default false. */
  readonly useCausalMask?: boolean
  /**
   * Which key the first query stands at, for the causal mask and a sliding window: with the keys of 10 steps in memory,
   * the queries of the next ones begin at 10. `'end'`: the last query stands at the last key. Default 0, as in Keras.
   */
  readonly queryOffset?: QueryOffset
}

export const causalChecks = { useCausalMask: boolean, queryOffset: queryOffsetCheck }

/** The offset that a call was told, or else that of its layer. @throws ArgumentError for what is none. */
export function checkedOffset(
  where: string,
  given: AnyQueryOffset | undefined,
  own: QueryOffset,
): AnyQueryOffset {
  checkOption(where, 'queryOffset', given, anyQueryOffsetCheck)
  return given ?? own
}

/** Its names, for `callOptions`. */
export const attentionOptions = [
  'useCausalMask',
  'queryOffset',
  'returnAttentionScores',
  'attentionMask',
  'queryMask',
  'valueMask',
  'keyMask',
] as const satisfies readonly (keyof AttentionContext)[]

/** Where all masks are true; nothing if there is none. */
export const allOf = (masks: readonly (Tensor | undefined)[]): Tensor | undefined =>
  masks
    .filter((mask) => mask !== undefined)
    .map((mask) => cast(mask, 'bool'))
    .reduce<Tensor | undefined>((a, b) => (a === undefined ? b : apply('and', [a, b], {})), undefined)

/** Checks the shapes of such a list. */
export function checkAttentionInputs(
  where: string,
  shapes: readonly SymbolicShape[],
): { readonly query: SymbolicShape; readonly value: SymbolicShape; readonly key: SymbolicShape } {
  if (!Array.isArray(shapes[0]) || shapes.length < 2 || shapes.length > 4) {
    throw new ArgumentError({
      where,
      expected: 'a list [query, value], [query, value, key] or [query, value, key, mask]',
      received: Array.isArray(shapes[0]) ? `${shapes.length} tensors` : 'a single tensor',
      fix: 'For self-attention apply it to [x, x].',
    })
  }
  const [query, value, key = value] = shapes as readonly [SymbolicShape, SymbolicShape, SymbolicShape?]
  const alike = (a: number | null | undefined, b: number | null | undefined) =>
    a == null || b == null || a === b
  const wrong =
    [query, value, key].some((shape) => shape.length !== 3) ||
    !alike(value[1], key[1]) ||
    [value, key].some((shape) => !alike(shape[0], query[0]))
  if (wrong) {
    throw new ShapeError({
      where,
      expected: 'a query (batch, queries, features), and a value and a key (batch, keys, features)',
      received: [query, value, key].map(formatSymbolicShape).join(', '),
    })
  }
  return { query, value, key }
}
