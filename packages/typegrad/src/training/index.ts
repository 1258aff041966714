/**
 * `training/`: how a model learns: compile, fit, evaluate, predict. It knows models and everything below, and neither
 * files nor pictures.
 */

export type { CompileOptions } from './compile-options.ts'
export {
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
  type LabelledData,
  type Prepared,
  type RawSamples,
} from './cross-validate.ts'
export type {
  BatchStream,
  Data,
  EvaluateOptions,
  FitOptions,
  PredictOptions,
  SampleStream,
  StreamedBatch,
} from './fit-options.ts'
export type {
  GradientContext,
  GradientExchange,
  GradientFunction,
  TracedGradientContext,
} from './gradient-hooks.ts'
export { StepBatch, type StepData, type StepLogs, type StepOutputs } from './step-batch.ts'
