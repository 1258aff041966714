/**
 * `typegrad/testing`: checks for packages that bring operations, layers or engines, to be used in tests of Vitest:
 * gradients against central differences, layers from shapes to saved files, engines side by side.
 */
import '../index.ts'

export { expectClose } from '../testing/closeness.ts'
export { fuzz, fuzzFolder, fuzzTargets } from '../testing/fuzz-targets.ts'
export { interpretKernel } from '../testing/interpret-kernel.ts'
export { numbers } from '../testing/numeric-gradient.ts'
export { testLayer } from '../testing/test-layer.ts'
export { valuesOn } from '../testing/values-on.ts'
