/** `regularizers/`: what weights and outputs cost beside the loss. They know tensors and nothing of layers. */
export { getRegularizer, type RegularizerIdentifier, type RegularizerName } from './get.ts'
export { L1, type L1Options, l1 } from './l1.ts'
export { L1L2, type L1L2Options, l1l2 } from './l1l2.ts'
export { L2, type L2Options, l2 } from './l2.ts'
export {
  OrthogonalRegularizer,
  type OrthogonalRegularizerOptions,
  orthogonalRegularizer,
} from './orthogonal.ts'
export { Regularizer } from './regularizer.ts'
