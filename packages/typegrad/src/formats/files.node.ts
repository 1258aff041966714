import { readFile } from 'node:fs/promises'
import { FormatError } from '../base/errors.ts'

/** The bytes of a file. @throws FormatError if there is none. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new FormatError({ where: path, expected: 'a file', received: 'nothing of that name' }, { cause })
  }
}

/** The bytes of a file; undefined if there is none. */
export async function readIfPresent(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

export { mkdir, rm } from 'node:fs/promises'
export { dirname, join } from 'node:path'
