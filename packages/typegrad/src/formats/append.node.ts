import { appendFile, mkdir, readFile, stat, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFileAtomically } from './atomic.ts'

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** The text of a file that grows; empty where there is none yet. */
export async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return ''
    throw error
  }
}

/** Cuts a file to its first bytes; one that does not exist, or is shorter, stays as it is. */
export async function cutLog(path: string, bytes: number): Promise<void> {
  try {
    if ((await stat(path)).size > bytes) await truncate(path, bytes)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/**
 * Adds to the end of a file, which is made, with its folder, if need be. The file is closed again, so that what
 * was added is there for others at once and after a crash of the process.
 */
export async function appendToLog(path: string, data: Uint8Array | string): Promise<void> {
  try {
    await appendFile(path, data)
  } catch (error) {
    if (!isMissing(error)) throw error
    await mkdir(dirname(path), { recursive: true })
    await appendFile(path, data)
  }
}

/** Replaces the text of a file whole or not at all. */
export const writeLog = (path: string, text: string): Promise<void> => writeFileAtomically(path, [text])
