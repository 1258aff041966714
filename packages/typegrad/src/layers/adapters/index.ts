export { adapt, mergeAdapters, removeAdapters } from './adapt.ts'
export { type AdapterOptions, type AdapterWeight, type AnyAdapter, WeightAdapter } from './adapter.ts'
export { LowRank, type LowRankOptions, lowRank } from './low-rank.ts'
