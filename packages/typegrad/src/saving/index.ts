/**
 * `saving/`: how a model is kept: folders of our own, Keras's and TensorFlow.js's files, safetensors, ONNX. It knows
 * models, training and `formats/`.
 */

export type { ReadShard, TfjsModelJson } from '../formats/tfjs-weights.ts'
export { type ExportedFunction, type ExportedInput, exportFunction } from './export-function.ts'
export type { ExportOptions } from './export-onnx.ts'
export { loadFeatureSpace, readFeatureSpace, writeFeatureSpace } from './feature-space.ts'
export {
  loadModel,
  type ReadTfjsOptions,
  readKeras,
  readKerasH5,
  readTfjs,
  readTfjsWeights,
} from './load.ts'
export type { LoadOptions, ReadKerasOptions } from './load-options.ts'
export type {
  FileTensor,
  LoadWeightsOptions,
  SplitInto,
  WeightMismatch,
  WeightName,
  WeightRule,
  WeightsReport,
} from './load-weights-options.ts'
export type { SaveWeightsOptions } from './save.ts'
export { writeKeras, writeKerasH5 } from './write-keras.ts'
