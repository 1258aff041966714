import { FormatError } from '../base/errors.ts'
import { crc32, hexadecimal } from '../formats/crc32.ts'
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

type FileName = (typeof fileNames)[keyof typeof fileNames]

/** Where the name of a save stands, the same in all files of one: in JSON, and in the metadata of safetensors. */
const [jsonKey, metadataKey] = ['save', 'typegrad.save']

/**
 * The name of a save, by which a reader notices that it has files of two. It follows from the content, so that the
 * same model saves the same bytes.
 *
 * @param parts what is saved; of tensors, their checksums.
 */
export function saveIdOf(parts: readonly unknown[]) {
  const checksum = (part: unknown) => hexadecimal(crc32(new TextEncoder().encode(JSON.stringify(part))))
  const id = parts.map(checksum).join('-')
  return { inJson: { [jsonKey]: id }, inMetadata: { [metadataKey]: id } }
}

/** The save that a file names; undefined for one of an older version, or one that is damaged. */
function namedSave(name: FileName, bytes: Uint8Array): string | undefined {
  if (name.endsWith('.json')) {
    try {
      const id = parse(bytes, name)[jsonKey]
      return typeof id === 'string' ? id : undefined
    } catch {
      return undefined // the error comes when it is read
    }
  }
  // At the beginning, so that the rest of the header need not be understood.
  const start = new TextDecoder().decode(bytes.subarray(8, 256))
  return /^\{"__metadata__":\{"typegrad\.save":"([0-9a-f-]+)"/.exec(start)?.[1]
}

/** A saved folder as it is read: the configuration, and the bytes of the rest. */
export interface SavedFolder {
  readonly folder: string
  readonly config: Record<string, unknown>
  readonly weights: Uint8Array
  readonly optimizer: Uint8Array
}

/** A backup: the model, and what its training goes on from. */
export interface SavedTraining extends SavedFolder {
  readonly training: Record<string, unknown>
  readonly state: Uint8Array
}

const parse = (bytes: Uint8Array, path: string): Record<string, unknown> =>
  parseConfig(new TextDecoder().decode(bytes), path)

async function filesOf<N extends FileName>(folder: string, names: readonly N[]) {
  const { readFolderFiles } = await import('../formats/read-folder.node.ts')
  return await readFolderFiles(folder, names, namedSave)
}

/**
 * Reads a saved folder. One that another process replaces meanwhile is read as it was before or as it is after.
 *
 * @throws FormatError for what is no such folder.
 */
export async function readFolder(folder: string): Promise<SavedFolder> {
  const { config, weights, optimizer } = fileNames
  const files = await filesOf(folder, [config, weights, optimizer])
  if (files === undefined) {
    throw new FormatError({
      where: `${folder}/${config}`,
      expected: 'a file',
      received: 'nothing of that name',
      fix: 'Check the path, or save the model again.',
    })
  }
  return saved(folder, files)
}

/** Reads a backup in the same way; undefined if there is none. @throws FormatError for a folder that is none. */
export async function readTraining(folder: string): Promise<SavedTraining | undefined> {
  const files = await filesOf(folder, Object.values(fileNames))
  if (files === undefined) return undefined
  const path = `${folder}/${fileNames.training}`
  return {
    ...saved(folder, files),
    training: unsealed(parse(files[fileNames.training], path), path),
    state: files[fileNames.state],
  }
}

function saved(
  folder: string,
  files: Readonly<Record<'config.json' | 'model.safetensors' | 'optimizer.safetensors', Uint8Array>>,
): SavedFolder {
  const path = `${folder}/${fileNames.config}`
  const config = parse(files[fileNames.config], path)
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
    weights: files[fileNames.weights],
    optimizer: files[fileNames.optimizer],
  }
}
