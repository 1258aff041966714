/**
 * Which kernels this engine has and when they are better than ONNX Runtime's own operators: one rule for each kind, with
 * what was measured beside each threshold (`supports/`). It knows the processor, and of the work its sizes alone.
 */
import type { KernelKind, KernelRequests, KernelSupport } from 'typegrad/engine'
import { convolution } from './supports/convolution.ts'
import { copy, elementwise } from './supports/elementwise.ts'
import { pooling } from './supports/pooling.ts'
import { loopProduct, product, thinProduct } from './supports/product.ts'
import { gatherRows, scatterAdd, sumRows } from './supports/rows.ts'
import type { Cores, SupportRule } from './supports/rule.ts'

const rules: { readonly [K in KernelKind]: SupportRule<K> } = {
  elementwise,
  copy,
  product,
  thinProduct,
  loopProduct,
  convolution,
  pooling,
  gatherRows,
  scatterAdd,
  sumRows,
}

/** The kernels of a processor with AVX2. */
export const supportOf = (cores: Cores): KernelSupport => ({
  supports: <K extends KernelKind>(kind: K, request: KernelRequests[K]) => rules[kind](request, cores),
})
