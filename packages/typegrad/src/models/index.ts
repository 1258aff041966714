export type { CompileOptions } from './compile-options.ts'
export { type CrossValidateOptions, type CrossValidation, crossValidate } from './cross-validate.ts'
export type { ExportOptions } from './export-onnx.ts'
export type {
  BatchStream,
  Data,
  EvaluateOptions,
  FitOptions,
  PredictOptions,
  StreamedBatch,
} from './fit-options.ts'
export { Functional, type FunctionalOptions, model } from './functional.ts'
export { type ReadKerasOptions, writeKeras } from './keras-file.ts'
export { type LoadOptions, loadModel, readKeras, readKerasH5 } from './load.ts'
export { Model, type ModelInput, type Prediction } from './model.ts'
export { Sequential, type SequentialOptions, sequential } from './sequential.ts'
