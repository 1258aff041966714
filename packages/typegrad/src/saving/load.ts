import { checked, checkPath, optionsOf, string } from '../base/options.ts'
import { fromKerasKeys } from '../formats/keras-config.ts'
import { fromJson } from '../formats/non-finite.ts'
import type { ReadShard, TfjsModelJson } from '../formats/tfjs-weights.ts'
import type { Model, Predicted, Prediction } from '../models/model.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { modelOf } from './from-config.ts'
import { type LoadOptions, loadChecks, type ReadKerasOptions } from './load-options.ts'
import { restore } from './save.ts'
import { readFolder } from './saved-folder.ts'

/**
 * Reads a model, by what the path ends in: a folder, `.keras` or `.h5` file that `model.save(path)` wrote, the latter
 * two also as Keras has saved them, or the `model.json` of a layers model of TensorFlow.js, with its weights beside it.
 * It predicts and, if it was compiled, trains on exactly where it stopped. (A model of TensorFlow.js is not compiled.)
 *
 * A model of several outputs predicts a list: `loadModel<readonly Tensor[]>(folder)`.
 *
 * @throws FormatError for a folder that is damaged, incomplete or of a newer version; UnknownNameError for a
 * layer that is not registered.
 * @example
 * const classifier = await loadModel('runs/mnist/model')
 */
export async function loadModel<P extends Prediction = Predicted>(
  path: string,
  options: LoadOptions = {},
): Promise<Model<P>> {
  const { compile = true } = checked('loadModel', options, loadChecks)
  checkPath('loadModel', path)
  if (path.endsWith('.keras')) {
    const { readBytes } = await import('../formats/files.node.ts')
    return await readKeras<P>(await readBytes(path), { compile, name: path })
  }
  if (/\.(h5|hdf5)$/.test(path)) {
    const { readBytes } = await import('../formats/files.node.ts')
    return await readKerasH5<P>(await readBytes(path), { compile, name: path })
  }
  if (path.endsWith('.json')) {
    const { dirname, join, readBytes } = await import('../formats/files.node.ts')
    const readShard: ReadShard = (shard) => readBytes(join(dirname(path), shard))
    return await readTfjs<P>(await readBytes(path), readShard, { name: path })
  }
  const saved = await readFolder(path)
  const model = modelOf(fromKerasKeys(fromJson(saved.config)), `${path}/config.json`, compile)
  await restore(model, saved)
  return model as Model<P>
}

/**
 * Reads the bytes of a `.keras` file, also in a browser: a model that Keras 3 has saved, or {@link writeKeras}.
 * If it was compiled it goes on training, with the optimizer's state.
 *
 * Code in the file is never run. Nothing of the file is unpacked beyond the limits.
 *
 * @throws FormatError for a file that is damaged, holds code, unpacks to too much, lacks weights or has others;
 * UnknownNameError for a layer that is not registered.
 * @example
 * const response = await fetch('model.keras')
 * const classifier = await readKeras(new Uint8Array(await response.arrayBuffer()))
 */
export async function readKeras<P extends Prediction = Predicted>(
  bytes: Uint8Array,
  options?: ReadKerasOptions,
): Promise<Model<P>> {
  const { checkReading, readKerasWith } = await import('./keras-file.ts')
  checkReading('readKeras', options)
  return await readKerasWith<P>(modelOf, bytes, options)
}

/**
 * Reads the bytes of an `.h5` file that Keras has saved with `model.save`, also in a browser.
 *
 * @throws FormatError for a file that is damaged, holds code, lacks weights or has others; UnknownNameError for a
 * layer that is not registered.
 * @example
 * const classifier = await readKerasH5(bytes)
 */
export async function readKerasH5<P extends Prediction = Predicted>(
  bytes: Uint8Array,
  options?: ReadKerasOptions,
): Promise<Model<P>> {
  const { checkReading } = await import('./keras-file.ts')
  checkReading('readKerasH5', options)
  const { readKerasH5With } = await import('./keras-h5.ts')
  return await readKerasH5With<P>(modelOf, bytes, options)
}

export interface ReadTfjsOptions {
  /** What errors call the file. Default `'model.json'`. */
  readonly name?: string
}

const readTfjsChecks = optionsOf<ReadTfjsOptions>()({ name: string })

/**
 * Reads a layers model that TensorFlow.js has saved, or its converter has made of Keras's, also in a browser. It is
 * not compiled.
 *
 * Weights may be packed (`uint8`, `uint16`, `float16`); `hard_sigmoid` becomes `legacyHardSigmoid`, which is what it is
 * there.
 *
 * @param modelJson the bytes, the text or the content of the `model.json`.
 * @param readShard gives the bytes of a file that it names, by the path from its folder, which is never outside of it.
 * @throws FormatError for a file that is damaged, holds code, is a graph model, names files outside of its folder, has
 * more or fewer weights than the model or their files have another length; UnknownNameError for a layer that is
 * not registered; what `readShard` throws.
 * @example
 * const response = await fetch('model/model.json')
 * const classifier = await readTfjs(await response.json(), async (path) =>
 *   (await fetch(`model/${path}`)).arrayBuffer(),
 * )
 */
export async function readTfjs<P extends Prediction = Predicted>(
  modelJson: TfjsModelJson,
  readShard: ReadShard,
  options: ReadTfjsOptions = {},
): Promise<Model<P>> {
  const { name = 'model.json' } = checked('readTfjs', options, readTfjsChecks)
  const { readTfjsWith } = await import('./tfjs-file.ts')
  return await readTfjsWith<P>(modelOf, modelJson, readShard, name)
}

/**
 * The weights of a model that TensorFlow.js has saved, graph models too, by name. Packed ones are unpacked.
 *
 * @returns tensors of float32, int32, uint8 or bool.
 * @throws FormatError as {@link readTfjs}, of what is said of weights.
 * @example
 * const weights = await readTfjsWeights(modelJson, readShard)
 * const kernel = weights.get('conv/kernel')
 */
export async function readTfjsWeights(
  modelJson: TfjsModelJson,
  readShard: ReadShard,
  options: ReadTfjsOptions = {},
): Promise<ReadonlyMap<string, Tensor>> {
  const { name = 'model.json' } = checked('readTfjsWeights', options, readTfjsChecks)
  const { readTfjsTensors } = await import('./tfjs-file.ts')
  return await readTfjsTensors(modelJson, readShard, name)
}
