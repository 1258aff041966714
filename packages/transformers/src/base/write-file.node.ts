import { rename, rm, writeFile } from 'node:fs/promises'

let written = 0

/** Replaces a file whole: a reader finds what it was or what it is. */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}-${++written}.tmp`
  try {
    await writeFile(temporary, content)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
