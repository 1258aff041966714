/**
 * `files/`: what a file is, and outputs, which are whole or not there. It knows failures and how the library reads and writes.
 */
import { constants } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageFailure } from '../program/failure.ts'

/**
 * Looks at an output before any work is done for it.
 *
 * @throws UsageFailure for a path where something is, unless it may be replaced; the system's error for a folder that cannot be written to.
 */
export async function checkOutput(path: string, mayReplace: boolean | undefined): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined && mayReplace !== true)
    throw new UsageFailure({
      where: path,
      expected: { en: 'an output where nothing is yet', zh: '尚不存在的输出' },
      received: found.isDirectory()
        ? { en: 'a folder that exists', zh: '已存在的文件夹' }
        : { en: 'a file that exists', zh: '已存在的文件' },
      fix: {
        en: 'Name another one, or replace it with --force.',
        zh: '请换一个名称，或用 --force 覆盖。',
      },
    })
  await access(await nearestFolder(dirname(path)), constants.W_OK)
}

/** The folder, or the nearest above it that is there. */
async function nearestFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined)
  return found !== undefined || folder === dirname(folder) ? folder : await nearestFolder(dirname(folder))
}

/** Writes a text into a file, whole or not at all, in a folder that is made where it is not there. */
export async function writeText(path: string, text: string): Promise<void> {
  const { writeFileAtomically } = await import('typegrad/formats')
  await mkdir(dirname(path), { recursive: true })
  await writeFileAtomically(path, [text])
}

/** A column's name as one of a file. */
export const fileNameOf = (column: string): string => column.replace(/[^\p{L}\p{N}_-]+/gu, '-')
