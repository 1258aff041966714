import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError } from 'typegrad/core'

/** A file of a folder. @throws FormatError where there is none. */
export async function readText(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (cause) {
    throw new FormatError({ where: join(folder, name), expected: 'a file', received: 'none' }, { cause })
  }
}
