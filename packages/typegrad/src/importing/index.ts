export type { OnnxNetwork } from './network.ts'
export { type OnnxInitializer, OnnxModel, type OnnxModelOptions, onnxModel } from './onnx-model.ts'
