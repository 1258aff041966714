/**
 * `layers/attention/`: attention in Keras's forms, on one function of attention. They know a layer's base and the
 * projections in `core/`.
 */
export {
  AdditiveAttention,
  type AdditiveAttentionOptions,
  additiveAttention,
} from './additive-attention.ts'
export { Attention, type AttentionOptions, attention, type ScoreMode } from './attention.ts'
export type { AttentionContext, AttentionInputs, AttentionMasks } from './attention-inputs.ts'
export {
  GroupQueryAttention,
  type GroupQueryAttentionOptions,
  groupQueryAttention,
} from './group-query-attention.ts'
export {
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
  multiHeadAttention,
} from './multi-head-attention.ts'
