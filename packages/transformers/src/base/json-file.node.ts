import { readFile } from 'node:fs/promises'
import { FormatError } from 'typegrad/core'

/** The text of a file; undefined where there is none. @throws FormatError for one that cannot be read. */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new FormatError({ where: path, expected: 'a file that can be read', received: message }, { cause })
  }
}

/** What a file of JSON says; undefined where there is none. @throws FormatError for one that is damaged. */
export async function readJsonIfAny(path: string): Promise<unknown> {
  const text = await readTextIfAny(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FormatError({ where: path, expected: 'JSON', received: (cause as Error).message }, { cause })
  }
}

/** The same for a file that has to be there. @throws FormatError where it is missing or damaged. */
export async function readJson(path: string): Promise<unknown> {
  const found = await readJsonIfAny(path)
  if (found !== undefined) return found
  throw new FormatError({ where: path, expected: 'a file', received: 'none' })
}
