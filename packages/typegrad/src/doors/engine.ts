/**
 * `typegrad/engine`: what an engine is given and what it owes, for packages that bring one. It knows models as bytes of
 * ONNX and kernels as plain data, and nothing of graphs, layers or training.
 */
export { byteSize, type DType, dtypes, type TypedArray, typedArray } from '../base/dtype.ts'
export { ArgumentError, DTypeError, EngineError, ShapeError } from '../base/errors.ts'
export { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
export { unwrittenArray } from '../base/unwritten.ts'
export { paced, type Work } from '../base/work.ts'
export { bytesOf, checkCount, checkElements, checkStorage, copyElements } from '../engine/elements.ts'
export type {
  Device,
  Engine,
  EngineOptions,
  Executable,
  KnownParts,
  Signature,
  Storage,
  TensorSpec,
} from '../engine/engine.ts'
export { type FileMapper, type FileMapping, registerFileMapper } from '../engine/file-mapping.ts'
export { type EngineProvider, enginePriorities, registerEngine } from '../engine/registry.ts'
export { runError } from '../engine/run-error.ts'
export { createEngine, defaultEngine, getEngine, setEngine, withEngine } from '../engine/select.ts'
export { readSignature } from '../engine/signature.ts'
export { turnAfter } from '../engine/turns.ts'
export { type ChannelWindowsKernel, channelWindowInputs } from '../kernel/channel-windows.ts'
export { beforeOf, type Convolution, windowsOf } from '../kernel/convolution.ts'
export {
  type Axes,
  dtypeOfValue,
  type ElementwiseKernel,
  type KernelDType,
  type KernelInputDType,
  type KernelOp,
  type KernelValue,
  kernelOps,
  lastReads,
  registersNeeded,
  type Strides,
} from '../kernel/elementwise.ts'
export type { GatherRowsKernel } from '../kernel/gather-rows.ts'
export { type Kernel, kernelDomain, signatureOf } from '../kernel/kernel.ts'
export type { MaxPoolGradientKernel } from '../kernel/max-pool-gradient.ts'
export type { PanelProductKernel } from '../kernel/panel-product.ts'
export { type PatchesKernel, patchesShape, type SumPatchesKernel, type Windows } from '../kernel/patches.ts'
export {
  type BatchSizes,
  type BlockCopy,
  type MatrixStrides,
  matricesOf,
  type PackPanelsKernel,
  type ProductKernel,
  type ProductTile,
  panelColumns,
  panelsOf,
  productBlocksOf,
  productScratchOf,
  productTiles,
  stridesOfProduct,
  type Triangle,
  tilePadding,
  tilesOf,
} from '../kernel/product.ts'
export type { ScatterAddKernel } from '../kernel/scatter-add.ts'
export type { SumRowsKernel } from '../kernel/sum-rows.ts'
export {
  type ConvolutionPlan,
  type ConvolutionRequest,
  type CopyRequest,
  type GatherRowsRequest,
  type KernelAnswers,
  type KernelKind,
  type KernelPlans,
  type KernelRequests,
  type KernelSupport,
  type LoopProductRequest,
  noKernels,
  type PoolingPlan,
  type PoolingRequest,
  type ProductPlan,
  type ProductRequest,
  type ScatterAddRequest,
  type SumRowsPlan,
  type SumRowsRequest,
  supportBy,
  type ThinProductRequest,
} from '../kernel/support.ts'
export { maxThinRows, type ThinProductKernel } from '../kernel/thin-product.ts'
export {
  blocksOf,
  gridOf,
  points,
  scratchOf,
  type WinogradConvKernel,
  type WinogradGradientKernel,
  type WinogradGradientSumKernel,
  type WinogradImages,
  type WinogradWeightsKernel,
} from '../kernel/winograd.ts'
export { decodeSignature } from '../onnx/decode.ts'
export { encodeExternalInitializers, encodeInitializers, encodeModel, joinParts } from '../onnx/encode.ts'
export { dtypeCode } from '../onnx/fields.ts'
export type { FileAttribute, FileNode, FileTensor, FileType, FileValue, OnnxFile } from '../onnx/file.ts'
export type { OnnxValue } from '../onnx/model.ts'
export { encodeOnnxFile } from '../onnx/write-file.ts'
