import { readFile } from 'node:fs/promises'
import { decodePicture } from './decode.node.ts'
import { DamagedPicture, type Decoding, type Picture } from './picture.ts'

/** A picture of bytes or of a file of the disk. @throws DamagedPicture. */
export async function decodeSource(source: Uint8Array | string, decoding: Decoding): Promise<Picture> {
  if (typeof source !== 'string') return decodePicture(source, decoding)
  const bytes = await readFile(source).catch((error: Error) => {
    throw new DamagedPicture(
      { expected: 'a file that can be read', received: error.message },
      { cause: error },
    )
  })
  return decodePicture(bytes, decoding)
}
