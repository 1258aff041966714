/**
 * `typegrad/layers`: what layers are made of, for packages that bring layers, losses, metrics, optimizers and the like,
 * and the registry by which saved models find them.
 */
import './core.ts'
import '../layers/operations/symbolic-methods.ts'

export * as checks from '../base/options.ts'
export { register } from '../base/register.ts'
export { type SerializedObject, serialize } from '../base/serialization.ts'
export { takes } from '../base/takes.ts'
export { Callback } from '../callbacks/callback.ts'
export { Constraint } from '../constraints/constraint.ts'
export type { HostArray } from '../data/host-array.ts'
export { inSlices } from '../data/slices.ts'
export { getInitializer, type InitializerIdentifier } from '../initializers/get.ts'
export { Initializer } from '../initializers/initializer.ts'
export { adaptersOf, type PlacedAdapter } from '../layers/adapters/adapt.ts'
export {
  type AdapterOptions,
  type AdapterWeight,
  adapterChecks,
  WeightAdapter,
} from '../layers/adapters/adapter.ts'
export { withActivityPenalties } from '../layers/base/activity.ts'
export type { CallOptions } from '../layers/base/call-options.ts'
export { deserializeLayer, type LayerMaker, registerLayer } from '../layers/base/deserialize.ts'
export { type CallInterceptor, interceptCalls } from '../layers/base/intercept.ts'
export {
  type AnyLayer,
  type CallContext,
  type CallResult,
  checkRank,
  isShapeList,
  Layer,
  type LayerOptions,
  layerChecks,
  layerOf,
} from '../layers/base/layer.ts'
export {
  alignedMask,
  eitherMask,
  firstMask,
  type Mask,
  type MasksOf,
  maskOf,
  spreadMask,
  withMask,
} from '../layers/base/masks.ts'
export type { WeightConstraint, WeightOptions, WeightRegularizer } from '../layers/base/own-weights.ts'
export {
  formatSymbolicShape,
  knownShape,
  type NamedShape,
  type Outputs,
  type SymbolicShape,
  SymbolicTensor,
} from '../layers/base/symbolic.ts'
export { type PlacedWeight, type WeightFilter, weightPlaces } from '../layers/base/weight-paths.ts'
export {
  type BiasOptions,
  biasChecks,
  type KernelOptions,
  kernelChecks,
  policyConfig,
  type ScaleOptions,
  scaleChecks,
  type WeightPolicy,
  weightPolicy,
} from '../layers/base/weight-policy.ts'
export { Wrapper, type WrapperOptions } from '../layers/base/wrapper.ts'
export {
  type CellBatch,
  type CellStep,
  RecurrentCell,
  type RunningCell,
} from '../layers/recurrent/recurrent-cell.ts'
export { Loss, lossChecks } from '../losses/loss.ts'
export { Metric, type MetricOptions, metricChecks } from '../metrics/metric.ts'
export { Optimizer, type OptimizerOptions, optimizerChecks } from '../optimizers/optimizer.ts'
export type { Slot, Slots, Step, UpdateRule } from '../optimizers/rule.ts'
export { Regularizer } from '../regularizers/regularizer.ts'
