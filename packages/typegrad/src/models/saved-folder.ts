import { FormatError } from '../base/errors.ts'
import { parseConfig } from '../formats/keras-config.ts'
import { unsealed } from '../formats/sealed-json.ts'

/** The version of the folder's layout; a reader refuses newer ones. */
export const formatVersion = 2

export const fileNames = {
  config: 'config.json',
  weights: 'model.safetensors',
  optimizer: 'optimizer.safetensors',
  training: 'training.json',
  state: 'training.safetensors',
} as const

/** A saved folder as it is read: the configuration, and the bytes of the rest. */
export interface SavedFolder {
  readonly folder: string
  readonly config: Record<string, unknown>
  readonly weights: Uint8Array
  readonly optimizer: Uint8Array
}

/** Reads a saved folder, finishing a save that was cut off. @throws FormatError for what is no such folder. */
export async function readFolder(folder: string): Promise<SavedFolder> {
  const { join, readBytes, recoverFolder } = await import('../formats/files.node.ts')
  await recoverFolder(folder)
  const path = join(folder, fileNames.config)
  const config = parseConfig(new TextDecoder().decode(await readBytes(path)), path)
  const { format, version } = config
  if (format !== 'typegrad' || typeof version !== 'number') {
    throw new FormatError({
      where: path,
      expected: 'a model that typegrad has saved',
      received: `format ${JSON.stringify(format)}`,
    })
  }
  if (version > formatVersion) {
    throw new FormatError({
      where: path,
      expected: `format version ${formatVersion} or older`,
      received: `${version}`,
      fix: 'It was written by a newer typegrad: update the package.',
    })
  }
  return {
    folder,
    config: unsealed(config, path),
    weights: await readBytes(join(folder, fileNames.weights)),
    optimizer: await readBytes(join(folder, fileNames.optimizer)),
  }
}
