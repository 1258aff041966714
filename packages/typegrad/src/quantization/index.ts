/**
 * `quantization/`: models as files of ONNX in 8 bits, and how they run; kernels of few bits that make up for what rounding does.
 * It knows files (`onnx/`, `importing/`), models and the engine.
 */
export { type GptqOptions, gptq } from './gptq.ts'
export {
  type QuantizeStaticOptions,
  type QuantizeWeightsOptions,
  quantizeDynamic,
  quantizeStatic,
} from './quantize.ts'
export { type ProgramInputs, QuantizedProgram } from './quantized-program.ts'
export type { CalibrationMethod } from './ranges.ts'
