/**
 * `typegrad/layers`: what layers are made of, for packages that bring layers, losses, metrics, optimizers and the like,
 * and the registry by which saved models find them.
 */
import './core.ts'
import '../layers/operations/symbolic-methods.ts'

export { register } from '../base/register.ts'
export { type SerializedObject, serialize } from '../base/serialization.ts'
export { Callback } from '../callbacks/callback.ts'
export { Constraint } from '../constraints/constraint.ts'
export { Initializer } from '../initializers/initializer.ts'
export { WeightAdapter } from '../layers/adapters/adapter.ts'
export type { CallOptions } from '../layers/base/call-options.ts'
export { deserializeLayer, registerLayer } from '../layers/base/deserialize.ts'
export {
  type AnyLayer,
  type CallContext,
  type CallResult,
  Layer,
  type LayerOptions,
} from '../layers/base/layer.ts'
export { type NamedShape, type SymbolicShape, SymbolicTensor } from '../layers/base/symbolic.ts'
export { Loss } from '../losses/loss.ts'
export { Metric } from '../metrics/metric.ts'
export { Optimizer } from '../optimizers/optimizer.ts'
export { Regularizer } from '../regularizers/regularizer.ts'
