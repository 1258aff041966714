/**
 * `typegrad/testing`: checks for packages that bring operations, layers or engines, to be used in tests of Vitest:
 * gradients against central differences, layers from shapes to saved files, engines side by side.
 */
import '../index.ts'

export { expectClose, type Tolerance } from '../testing/closeness.ts'
export { fuzz, fuzzFolder, fuzzTargets } from '../testing/fuzz-targets.ts'
export { fromGolden, type GoldenTensor, goldenValues } from '../testing/golden.ts'
export { interpretKernel } from '../testing/interpret-kernel.ts'
export { type Draw, damagedBytes, damagedJson } from '../testing/mutations.ts'
export {
  checkGradients,
  type NumericGradientOptions,
  numbers,
  spread,
} from '../testing/numeric-gradient.ts'
export {
  differential as onnxDifferential,
  type Finding as OnnxFinding,
  type Outcome as OnnxOutcome,
} from '../testing/onnx-graphs/differential.ts'
export { type TestLayerOptions, testLayer } from '../testing/test-layer.ts'
export { operatorsOf, valuesOn } from '../testing/values-on.ts'
