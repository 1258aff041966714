import { FormatError } from 'typegrad/core'
import type { FoundFile } from './labelled-files.ts'

/** The bytes of a file, in Node by its path. @throws FormatError for a file that cannot be read. */
export async function readBytes({ path, open }: FoundFile): Promise<Uint8Array> {
  try {
    if (open !== undefined) return new Uint8Array(await (await open()).arrayBuffer())
    return await (await import('./read-bytes.node.ts')).bytesOfDisk(path)
  } catch (cause) {
    throw new FormatError(
      { where: path, expected: 'a file that can be read', received: (cause as Error).message },
      { cause },
    )
  }
}
