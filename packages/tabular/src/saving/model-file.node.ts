import { readFile } from 'node:fs/promises'
import { FormatError } from 'typegrad/core'

/** The bytes of a model's file. @throws FormatError for a file that there is not. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new FormatError(
      { where: path, expected: 'the file of a model of a table', received: (cause as Error).message },
      { cause },
    )
  }
}
