/** `schedules/`: how a learning rate changes with the steps. They know tensors alone. */
export { CosineDecay, type CosineDecayOptions, cosineDecay } from './cosine-decay.ts'
export {
  CosineDecayRestarts,
  type CosineDecayRestartsOptions,
  cosineDecayRestarts,
} from './cosine-decay-restarts.ts'
export { type DecayOptions, ExponentialDecay, exponentialDecay } from './exponential-decay.ts'
export { getSchedule } from './get.ts'
export {
  InverseSquareRootDecay,
  type InverseSquareRootDecayOptions,
  inverseSquareRootDecay,
} from './inverse-square-root-decay.ts'
export { InverseTimeDecay, inverseTimeDecay } from './inverse-time-decay.ts'
export { OneCycle, type OneCycleOptions, oneCycle } from './one-cycle.ts'
export {
  PiecewiseConstantDecay,
  type PiecewiseConstantDecayOptions,
  piecewiseConstantDecay,
} from './piecewise-constant-decay.ts'
export { PolynomialDecay, type PolynomialDecayOptions, polynomialDecay } from './polynomial-decay.ts'
export { LearningRateSchedule } from './schedule.ts'
export { StableDecay, type StableDecayOptions, stableDecay } from './stable-decay.ts'
export { Warmup, type WarmupOptions, warmup } from './warmup.ts'
