export type { ReadShard, TfjsModelJson } from '../formats/tfjs-weights.ts'
export type { ExportOptions } from './export-onnx.ts'
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
export { writeKeras, writeKerasH5 } from './write-keras.ts'
