export type { ReadShard, TfjsModelJson } from '../formats/tfjs-weights.ts'
export { type CloneOptions, cloneLayer, cloneModel } from './clone.ts'
export type { CompileOptions } from './compile-options.ts'
export {
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
  type LabelledData,
  type Prepared,
  type RawSamples,
} from './cross-validate.ts'
export type { ExportOptions } from './export-onnx.ts'
export type {
  BatchStream,
  Data,
  EvaluateOptions,
  FitOptions,
  PredictOptions,
  SampleStream,
  StreamedBatch,
} from './fit-options.ts'
export { Functional, type FunctionalOptions, model } from './functional.ts'
export type { ReadKerasOptions } from './keras-file.ts'
export {
  type LoadOptions,
  loadModel,
  type ReadTfjsOptions,
  readKeras,
  readKerasH5,
  readTfjs,
  readTfjsWeights,
} from './load.ts'
export type {
  FileTensor,
  LoadWeightsOptions,
  SplitInto,
  WeightMismatch,
  WeightName,
  WeightRule,
  WeightsReport,
} from './load-weights-options.ts'
export { Model, type ModelInput, type Predicted, type Prediction } from './model.ts'
export { type PlotOptions, plotModel } from './plot-model.ts'
export type { SaveWeightsOptions } from './save.ts'
export { Sequential, type SequentialOptions, sequential } from './sequential.ts'
export { StepBatch, type StepData, type StepLogs, type StepOutputs } from './step-batch.ts'
export type { SummaryOptions } from './summary.ts'
export { writeKeras, writeKerasH5 } from './write-keras.ts'
