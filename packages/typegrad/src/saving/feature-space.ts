import { ArgumentError } from '../base/errors.ts'
import { checkPath } from '../base/options.ts'
import { FeatureSpace } from '../layers/preprocessing/features/feature-space.ts'
import type { ReadKerasOptions } from './load-options.ts'

declare module '../layers/preprocessing/features/feature-space.ts' {
  /** How features are kept. */
  interface FeatureSpace {
    /**
     * Writes the features with all that they have learned into a `.keras` file, which {@link loadFeatureSpace} and Keras's `load_model`
     * open. An older file there stays whole until the new one is.
     *
     * @throws StateError before `adapt`; ArgumentError for a path that does not end in `.keras`.
     * @example
     * await space.save('features.keras')
     */
    save(path: string): Promise<void>
  }
}

FeatureSpace.prototype.save = async function (path) {
  checkKerasPath('FeatureSpace.save', path)
  const bytes = await writeFeatureSpace(this)
  const { dirname, mkdir, writeFileAtomically } = await import('../formats/files.node.ts')
  await mkdir(dirname(path), { recursive: true })
  await writeFileAtomically(path, [bytes])
}

/**
 * The bytes of the `.keras` file of a FeatureSpace by itself, which Keras's `load_model` opens.
 *
 * @throws StateError before `adapt`.
 * @example
 * const bytes = await writeFeatureSpace(space)
 * const again = await readFeatureSpace(bytes)
 */
export async function writeFeatureSpace(space: FeatureSpace): Promise<Uint8Array> {
  const { featureSpaceBytes } = await import('./feature-space-file.ts')
  return await featureSpaceBytes(space)
}

/**
 * Reads the bytes of a `.keras` file of a FeatureSpace, Keras's or {@link writeFeatureSpace}'s, also in a browser. It encodes as it
 * did; vocabularies and boundaries in it are given ones, which `adapt` does not find anew.
 *
 * @throws FormatError for a file that is damaged, of something else, holds code or unpacks to too much; UnknownNameError for a layer
 * that is not registered.
 * @example
 * const response = await fetch('features.keras')
 * const space = await readFeatureSpace(new Uint8Array(await response.arrayBuffer()))
 */
export async function readFeatureSpace(
  bytes: Uint8Array,
  options: Omit<ReadKerasOptions, 'compile'> = {},
): Promise<FeatureSpace> {
  const { checkReading } = await import('./keras-file.ts')
  checkReading('readFeatureSpace', options)
  const { featureSpaceOf } = await import('./feature-space-file.ts')
  return await featureSpaceOf(bytes, options)
}

/**
 * Reads a FeatureSpace from a `.keras` file, as Keras's `feature_space.save(path)` or {@link FeatureSpace.save} wrote it.
 *
 * @throws as {@link readFeatureSpace}; ArgumentError for a path that does not end in `.keras`.
 * @example
 * const space = await loadFeatureSpace('features.keras')
 * const vectors = await space.encode(rows)
 */
export async function loadFeatureSpace(path: string): Promise<FeatureSpace> {
  checkKerasPath('loadFeatureSpace', path)
  const { readBytes } = await import('../formats/files.node.ts')
  return await readFeatureSpace(await readBytes(path), { name: path })
}

function checkKerasPath(where: string, path: string): void {
  checkPath(where, path)
  if (path.endsWith('.keras')) return
  throw new ArgumentError({ where, expected: "a path that ends in '.keras'", received: `'${path}'` })
}
