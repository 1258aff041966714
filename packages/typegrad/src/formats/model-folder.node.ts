import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ArgumentError } from '../base/errors.ts'
import {
  currentFolder,
  removeFolderAtomically,
  replaceFolderAtomically,
  writeFileAtomically,
} from './atomic.ts'

/** What a saved model's folder is made of, with what file managers add; nothing else may be lost with it. */
const known =
  /^((config|training)\.json|(model|optimizer|training)\.safetensors|\.DS_Store|Thumbs\.db|desktop\.ini)$/

/** What stands in a folder that is not a saved model's. */
async function strangersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
  return names.filter((name) => !known.test(name))
}

/**
 * Makes sure that a model can take the place of what a folder holds: another model, or nothing.
 *
 * @throws ArgumentError if there is anything else in it, which would be lost.
 */
export async function checkReplaceable(folder: string): Promise<void> {
  const [stranger, ...others] = await strangersIn(folder)
  if (stranger === undefined) return
  throw new ArgumentError({
    where: 'save',
    expected: 'a folder for the model alone: a new one, an empty one or that of a saved model',
    received: `${folder}, which holds '${stranger}'${others.length > 0 ? ` and ${others.length} more` : ''} too`,
    fix: `Save it into a folder of its own, such as '${join(folder, 'model')}'.`,
  })
}

/** Writes a folder of these files; what stood there is replaced when the new one is complete. */
export async function writeModelFolder(
  folder: string,
  files: Iterable<readonly [name: string, chunks: readonly Uint8Array[]]>,
): Promise<void> {
  await replaceFolderAtomically(folder, async (temporary) => {
    for (const [name, chunks] of files) await writeFileAtomically(join(temporary, name), chunks)
  })
}

/** Removes a saved model's folder; one that holds anything else stays as it is. */
export async function removeModelFolder(folder: string): Promise<void> {
  const { path = folder } = await currentFolder(folder)
  if ((await strangersIn(path)).length === 0) await removeFolderAtomically(folder)
}
