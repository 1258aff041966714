/**
 * `ops/`: functions over tensors, composed from primitives, and the methods of tensors. They know tensors and the
 * graph, and neither gradients nor evaluation.
 */
export * from './activations.ts'
export { type AdaptivePoolOptions, adaptiveAveragePool, adaptiveMaxPool } from './adaptive-pooling.ts'
export { cast, promoteTypes } from './apply.ts'
export * from './arithmetic.ts'
export {
  type AnyQueryOffset,
  type DotProductAttentionOptions,
  dotProductAttention,
  type MaskedSoftmaxOptions,
  maskedSoftmax,
  type QueryOffset,
} from './attention.ts'
export * from './comparison.ts'
export {
  type ConvOptions,
  type ConvPadding,
  conv,
  convTranspose,
  type DataFormat,
  type Padding,
} from './convolution.ts'
export { type CtcDecoded, type CtcDecodeOptions, ctcDecode } from './ctc-decode.ts'
export { dynamicSlice, dynamicUpdateSlice, type SliceStarts } from './dynamic-slices.ts'
export { einsum } from './einsum.ts'
export * from './elementwise.ts'
export { type FakeQuantizeOptions, fakeQuantize } from './fake-quantize.ts'
export * as image from './image/index.ts'
export * from './indexing.ts'
export * from './linear-algebra.ts'
export { extractPatches, type PatchOptions } from './patches.ts'
export * from './pooling.ts'
export {
  type BlockSize,
  type DequantizeOptions,
  dequantize,
  type Quantized,
  type QuantizeOptions,
  quantize,
} from './quantized.ts'
export * from './reduce.ts'
export { type ScanOptions, type ScanResult, scan } from './scan.ts'
export * from './shape.ts'
