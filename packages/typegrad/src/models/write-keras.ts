import type { AnyModel } from './model.ts'

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
