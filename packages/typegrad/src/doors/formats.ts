/**
 * `typegrad/formats`: files as bytes (safetensors, zip, HDF5, configurations of Keras), for packages that read and write
 * models. It knows tensors and nothing of layers.
 */
import './core.ts'

export { fromKerasKeys, parseConfig, toKerasKeys } from '../formats/keras-config.ts'
export {
  decodeSafetensors,
  encodeSafetensors,
  type NamedSafetensorsEntry,
  type SafetensorsEntry,
} from '../formats/safetensors.ts'
export {
  type ReadSafetensorsOptions,
  readSafetensors,
  type SafetensorsFile,
  type SafetensorsInfo,
} from '../formats/safetensors-file.ts'
export { type WriteSafetensorsOptions, writeSafetensors } from '../formats/write-safetensors.ts'
export { readZip, writeZip, type ZipLimits } from '../formats/zip.ts'
