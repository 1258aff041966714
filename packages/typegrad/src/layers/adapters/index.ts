/**
 * `layers/adapters/`: weights that are functions of other weights, such as low-rank updates. They know a layer's
 * base, and no layer by its class.
 */
export { adapt, adaptEach, mergeAdapters, removeAdapters } from './adapt.ts'
export { type AdapterOptions, type AdapterWeight, type AnyAdapter, WeightAdapter } from './adapter.ts'
export { FakeQuantized, type FakeQuantizedOptions, fakeQuantized } from './fake-quantized.ts'
export { LowRank, type LowRankOptions, lowRank } from './low-rank.ts'
export { MovementPruned, type MovementPrunedOptions, movementPruned } from './movement-pruned.ts'
export { Pruned, pruned } from './pruned.ts'
export { Quantized, type QuantizedOptions, quantized } from './quantized.ts'
export {
  SoftMovementPruned,
  type SoftMovementPrunedOptions,
  softMovementPruned,
} from './soft-movement-pruned.ts'
