/**
 * `typegrad/formats`: files as bytes (safetensors, zip, HDF5, ONNX, configurations of Keras), for packages that read and write
 * models. It knows tensors and nothing of layers.
 */
import './core.ts'

/**
 * As `replaceFolderAtomically` of `formats/atomic.ts` says; loaded when it is called, since browsers have no folders.
 *
 * @example
 * await replaceFolderAtomically('model', (temporary) => writeFile(join(temporary, 'config.json'), '{}'))
 */
export async function replaceFolderAtomically(
  folder: string,
  write: (temporaryFolder: string) => Promise<void>,
): Promise<void> {
  const { replaceFolderAtomically: replace } = await import('../formats/atomic.ts')
  await replace(folder, write)
}

/**
 * As `writeFileAtomically` of `formats/atomic.ts` says: the file is then all of the chunks, or what it was before. Loaded when it
 * is called, since browsers have no files.
 *
 * @example
 * await writeFileAtomically('labels.jsonl', ['{"id": "1"}\n'])
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const { writeFileAtomically: write } = await import('../formats/atomic.ts')
  await write(path, chunks)
}
export { type NarrowFloat, narrow, widen } from '../base/narrow-floats.ts'
export { type EnergyMeter, energyMeter } from '../formats/energy.ts'
export { fromKerasKeys, parseConfig, toKerasKeys } from '../formats/keras-config.ts'
export { letPagesGo } from '../formats/mapped-pages.ts'
export { escapeMarkup } from '../formats/markup.ts'
export { fromJson, toJson } from '../formats/non-finite.ts'
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
export { sealed, unsealed } from '../formats/sealed-json.ts'
export { type WriteSafetensorsOptions, writeSafetensors } from '../formats/write-safetensors.ts'
export { readZip, type WriteZipOptions, writeZip, type ZipLimits } from '../formats/zip.ts'
export type { FileFunction, FileGraph, FileNode, FileTensor, FileValue, OnnxFile } from '../onnx/file.ts'
export { readOnnxFile } from '../onnx/read-file.ts'
