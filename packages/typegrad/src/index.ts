/**
 * `typegrad`: what users of models import: tensors, gradients, layers, training, saving. It brings every method of
 * tensors and models with it.
 */
import './ops/methods.ts'
import './layers/operations/symbolic-methods.ts'
import './training/model-methods.ts'
import './saving/model-methods.ts'
import './drawing/model-methods.ts'
import './transforms/evaluate.ts'

export * as activations from './activations/index.ts'
export type { DType, TypedArray } from './base/dtype.ts'
export * from './base/errors.ts'
export { type RegisterOptions, register } from './base/register.ts'
export type { RegisteredKind } from './base/registered.ts'
export type { Shape } from './base/shape.ts'
export { Callback, type EpochLogs, type Logs } from './callbacks/callback.ts'
export { History } from './callbacks/history.ts'
export * as callbacks from './callbacks/index.ts'
export * as constraints from './constraints/index.ts'
export {
  type BatchOptions,
  Dataset,
  type DatasetIterator,
  type DatasetState,
  type ShuffleOptions,
} from './data/dataset.ts'
export type { Batched, Element } from './data/elements.ts'
export type { ArrayData } from './data/host-array.ts'
export { parseIdx } from './data/idx.ts'
export { type PadSequencesOptions, padSequences, toCategorical } from './data/sequences.ts'
export { type Fold, groupKFold, kFold, stratifiedKFold, timeSeriesSplit } from './data/splits.ts'
export { type TimeseriesOptions, timeseriesDatasetFromArray } from './data/timeseries.ts'
export { takeRows, trainTestSplit } from './data/train-test-split.ts'
export * from './drawing/index.ts'
export type { Engine, EngineOptions } from './engine/engine.ts'
export { createEngine, defaultEngine, getEngine, setEngine, withEngine } from './engine/select.ts'
export {
  type ReadSafetensorsOptions,
  readSafetensors,
  type SafetensorsFile,
  type SafetensorsInfo,
} from './formats/safetensors-file.ts'
export {
  type NamedTensors,
  type StoredDTypes,
  type WriteSafetensorsOptions,
  writeSafetensors,
} from './formats/write-safetensors.ts'
export * from './importing/index.ts'
export * as initializers from './initializers/index.ts'
export { Initializer } from './initializers/initializer.ts'
export { adapt, adaptEach, mergeAdapters, removeAdapters } from './layers/adapters/adapt.ts'
export { WeightAdapter } from './layers/adapters/adapter.ts'
export * as adapters from './layers/adapters/index.ts'
export {
  type CubicSparsityOptions,
  cubicSparsity,
  type PrunedWeight,
  type PruneWeightsOptions,
  pruneWeights,
} from './layers/adapters/prune-weights.ts'
export {
  type ConstantSparsityOptions,
  constantSparsity,
  type PolynomialSparsityOptions,
  polynomialSparsity,
  type SparsitySchedule,
} from './layers/adapters/sparsity-schedules.ts'
export { type CallContext, Layer, type LayerOptions } from './layers/base/layer.ts'
export type { NamedShape, SymbolicShape, SymbolicTensor } from './layers/base/symbolic.ts'
export type { WeightFilter } from './layers/base/weight-paths.ts'
export { input } from './layers/core/input.ts'
export * as layers from './layers/index.ts'
export * as ops from './layers/operations/functions.ts'
export {
  type CategoricalFeature,
  type CodedFeature,
  type Feature,
  type FeatureCross,
  type FeatureData,
  type FeatureKind,
  type FeatureOutput,
  type FeatureRows,
  FeatureSpace,
  type FeatureSpaceOptions,
  type FeatureValues,
  featureSpace,
  type NamedFeature,
} from './layers/preprocessing/features/index.ts'
export * as losses from './losses/index.ts'
export { Loss } from './losses/loss.ts'
export * as metrics from './metrics/index.ts'
export { Metric } from './metrics/metric.ts'
export * from './models/index.ts'
export * as optimizers from './optimizers/index.ts'
export { Optimizer } from './optimizers/optimizer.ts'
export * from './quantization/index.ts'
export { Generator, setRandomSeed } from './random/generator.ts'
export * as random from './random/index.ts'
export * as regularizers from './regularizers/index.ts'
export * from './saving/index.ts'
export * as schedules from './schedules/index.ts'
export * from './search/index.ts'
export {
  arange,
  type CreationOptions,
  eye,
  full,
  linspace,
  ones,
  onesLike,
  type TensorLike,
  tensor,
  zeros,
  zerosLike,
} from './tensor/create.ts'
export { evaluateAll, type NestedArray, scalar, Tensor } from './tensor/tensor.ts'
export { Variable, type VariableOptions } from './tensor/variable.ts'
export * from './training/index.ts'
export { checkpoint } from './transforms/checkpoint.ts'
export { type CompiledFunction, compile } from './transforms/compile.ts'
export { grad, type ValueAndGradients, valueAndGrad } from './transforms/grad.ts'
export type { PackingState, VariablePacking } from './transforms/packing.ts'
