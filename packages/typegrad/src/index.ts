import './ops/methods.ts'
import './transforms/evaluate.ts'

export type { DType, TypedArray } from './base/dtype.ts'
export * from './base/errors.ts'
export type { Shape } from './base/shape.ts'
export type { Engine, EngineOptions } from './engine/engine.ts'
export { createEngine, defaultEngine, getEngine, setEngine } from './engine/select.ts'
export * from './ops/index.ts'
export { Generator, setRandomSeed } from './random/generator.ts'
export * as random from './random/index.ts'
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
export { checkpoint } from './transforms/checkpoint.ts'
export { type CompiledFunction, compile } from './transforms/compile.ts'
export { grad, type ValueAndGradients, valueAndGrad } from './transforms/grad.ts'
