import type { AnyModel } from '../models/model.ts'

/**
 * The bytes of a `.keras` file, which Keras's `load_model` opens: configuration, weights and, if the model is
 * compiled, the state of its optimizer.
 *
 * @throws StateError for a model that is not built.
 * @example
 * const bytes = await writeKeras(model)
 * const again = await readKeras(bytes)
 */
export async function writeKeras(model: AnyModel): Promise<Uint8Array> {
  const { kerasBytes } = await import('./keras-file.ts')
  return await kerasBytes(model)
}

/**
 * The bytes of a whole model in Keras's older format, one HDF5 file, which Keras's `load_model` opens too: configuration,
 * weights and, if the model is compiled, the state of its optimizer.
 *
 * @throws StateError for a model that is not built.
 * @example
 * const bytes = await writeKerasH5(model)
 * const again = await readKerasH5(bytes)
 */
export async function writeKerasH5(model: AnyModel): Promise<Uint8Array> {
  const { kerasH5Bytes } = await import('./keras-h5-writing.ts')
  return await kerasH5Bytes(model)
}
