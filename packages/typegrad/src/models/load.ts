import { FormatError, TypegradError, UnknownNameError } from '../base/errors.ts'
import { isSerialized, type SerializedObject } from '../base/serialization.ts'
import { fromKerasKeys } from '../formats/keras-config.ts'
import { deserializeLayer, registerLayer } from '../layers/deserialize.ts'
import type { Layer } from '../layers/layer.ts'
import type { SymbolicShape } from '../layers/symbolic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { CompileOptions } from './compile-options.ts'
import { Functional } from './functional.ts'
import { functionalOptions } from './functional-config.ts'
import type { ReadKerasOptions } from './keras-file.ts'
import type { AnyModel, Model, Prediction } from './model.ts'
import { restore } from './save.ts'
import { readFolder } from './saved-folder.ts'
import { Sequential } from './sequential.ts'

export interface LoadOptions {
  /** Whether the optimizer, loss and metrics are made again too. Default true. */
  readonly compile?: boolean
}

/**
 * Reads a model that `model.save(path)` wrote, a folder or a `.keras` file, or that Keras has saved, ready to predict and, if it was compiled, to train on
 * exactly where it stopped.
 *
 * A model of several outputs predicts a list: `loadModel<readonly Tensor[]>(folder)`.
 *
 * @throws FormatError for a folder that is damaged, incomplete or of a newer version; UnknownNameError for a
 * layer that nobody has registered.
 * @example
 * const classifier = await loadModel('runs/mnist/model')
 */
export async function loadModel<P extends Prediction = Tensor>(
  path: string,
  { compile = true }: LoadOptions = {},
): Promise<Model<P>> {
  if (path.endsWith('.keras')) {
    const { readBytes } = await import('../formats/files.node.ts')
    return await readKeras<P>(await readBytes(path), { compile, name: path })
  }
  if (/\.(h5|hdf5)$/.test(path)) {
    const { readBytes } = await import('../formats/files.node.ts')
    return await readKerasH5<P>(await readBytes(path), { compile, name: path })
  }
  const saved = await readFolder(path)
  const model = modelOf(fromKerasKeys(saved.config), `${path}/config.json`, compile)
  restore(model, saved)
  return model as Model<P>
}

/**
 * Reads the bytes of a `.keras` file, also in a browser: a model that Keras 3 has saved, or {@link writeKeras}.
 * If it was compiled it goes on training, with the optimizer's state.
 *
 * Code in the file is never run. Nothing of the file is unpacked beyond the limits.
 *
 * @throws FormatError for a file that is damaged, holds code, unpacks to too much, lacks weights or has others;
 * UnknownNameError for a layer that nobody has registered.
 * @example
 * const response = await fetch('model.keras')
 * const classifier = await readKeras(new Uint8Array(await response.arrayBuffer()))
 */
export async function readKeras<P extends Prediction = Tensor>(
  bytes: Uint8Array,
  options?: ReadKerasOptions,
): Promise<Model<P>> {
  const { readKerasWith } = await import('./keras-file.ts')
  return await readKerasWith<P>(modelOf, bytes, options)
}

/**
 * Reads the bytes of an `.h5` file that Keras has saved with `model.save`, also in a browser.
 *
 * @throws FormatError for a file that is damaged, holds code, lacks weights or has others; UnknownNameError for a
 * layer that nobody has registered.
 * @example
 * const classifier = await readKerasH5(bytes)
 */
export async function readKerasH5<P extends Prediction = Tensor>(
  bytes: Uint8Array,
  options?: ReadKerasOptions,
): Promise<Model<P>> {
  const { readKerasH5With } = await import('./keras-h5.ts')
  return await readKerasH5With<P>(modelOf, bytes, options)
}

/** The model that a configuration describes, without its weights. */
function modelOf(value: unknown, where: string, compile: boolean): AnyModel {
  const config = value as SavedModel
  if (!isSerialized(config)) {
    throw new FormatError({
      where,
      expected: 'a class_name and a config',
      received: 'neither',
      fix: 'The file is damaged: save the model again.',
    })
  }
  const model = readable(where, () => {
    const made = deserializeLayer(config) as unknown as AnyModel
    const shape = config.buildConfig?.inputShape
    if (!made.built && shape != null) made.ensureBuilt(shape)
    return made
  })
  if (compile && config.compileConfig != null) compileAgain(model, config.compileConfig)
  return model
}

interface SavedModel extends SerializedObject {
  readonly buildConfig?: { readonly inputShape?: SymbolicShape | null }
  readonly compileConfig?: Record<string, unknown> | null
}

/** What reads a configuration; where that is not what it should be, its file is named. */
function readable<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof TypegradError) throw cause
    throw new FormatError(
      {
        where: path,
        expected: 'the configuration of a model',
        received: `one that is damaged (${(cause as Error).message})`,
        fix: 'Save the model again.',
      },
      { cause },
    )
  }
}

/** The saved names and configurations are identifiers that `compile` takes; null is what was not given. */
function compileAgain(model: AnyModel, config: Record<string, unknown>): void {
  const options = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))
  try {
    model.compile(options as CompileOptions)
  } catch (cause) {
    if (!(cause instanceof UnknownNameError)) throw cause
    throw new UnknownNameError({
      where: 'loadModel',
      expected: "an optimizer, losses and metrics of the library's",
      received: `others (${cause.message})`,
      fix: 'Load the model with { compile: false } and call compile with your own.',
    })
  }
}

registerLayer('Sequential', (config) => {
  const { layers, ...options } = config as { layers: SerializedObject[]; name?: string; trainable?: boolean }
  return new Sequential(layers.map(deserializeLayer), options) as unknown as Layer
})

registerLayer('Functional', (config) => new Functional(functionalOptions(config)) as unknown as Layer)
