// Folders of files that are fetched once, and are known by their hash.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * A folder within `cache` that is made where it is not there; it appears whole, under its name, or not at all.
 *
 * @param make is given an empty folder to work in, and says where in it what shall be kept stands.
 */
export async function keptFolder(
  cache: string,
  name: string,
  make: (making: string) => Promise<string>,
): Promise<string> {
  const folder = join(cache, name)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const making = await mkdtemp(join(cache, 'making-'))
  try {
    const made = await make(making)
    await rename(made, folder).catch((cause: unknown) => {
      // Another process may have been faster.
      if (!existsSync(folder)) throw cause
    })
    return folder
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

/** SHA-256 of a file. */
export async function hashOf(file: string): Promise<string> {
  const digest = createHash('sha256')
  await pipeline(createReadStream(file), digest)
  return digest.digest('hex')
}
