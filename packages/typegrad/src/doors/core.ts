/**
 * `typegrad/core`: the language under the layers (tensors, operations, gradients, compiled functions, graphs, errors and
 * work that can be interrupted), for packages that compute. It knows nothing of layers and models.
 */
import '../ops/methods.ts'
import '../transforms/evaluate.ts'

export { byteSize, type DType, isFloating, type TypedArray, typedArray } from '../base/dtype.ts'
export * from '../base/errors.ts'
export { nearestName } from '../base/nearest-name.ts'
export { checkOptions, optionsOf } from '../base/options.ts'
export { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
export { complete, paced, type Work } from '../base/work.ts'
export { inferRules } from '../graph/infer.ts'
export { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
export type { Primitive } from '../graph/primitives.ts'
export * as ops from '../ops/index.ts'
export { optimize } from '../passes/optimize.ts'
export { Generator, setRandomSeed, withGenerator } from '../random/generator.ts'
export { hostNormal, hostRandom, shuffle } from '../random/host.ts'
export * as random from '../random/index.ts'
export * from '../tensor/create.ts'
export { evaluateAll, type NestedArray, scalar, Tensor } from '../tensor/tensor.ts'
export { Variable, type VariableOptions } from '../tensor/variable.ts'
export { checkpoint } from '../transforms/checkpoint.ts'
export { type CompiledFunction, compile } from '../transforms/compile.ts'
export { grad, type ValueAndGradients, valueAndGrad } from '../transforms/grad.ts'
export type { PackingState, VariablePacking } from '../transforms/packing.ts'
