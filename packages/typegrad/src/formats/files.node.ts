import { readFile } from 'node:fs/promises'
import { FormatError } from '../base/errors.ts'

/** The bytes of a file. @throws FormatError if there is none. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new FormatError(
      {
        where: path,
        expected: 'a file',
        received: 'nothing of that name',
        fix: 'Check the path, or save the model again.',
      },
      { cause },
    )
  }
}

export { mkdir } from 'node:fs/promises'
export { dirname, join } from 'node:path'
export { recoverFolder, writeFileAtomically } from './atomic.ts'
export { exists } from './model-folder.node.ts'
