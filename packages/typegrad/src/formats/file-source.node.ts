import { type FileHandle, open } from 'node:fs/promises'
import { FormatError } from '../base/errors.ts'
import { type ByteSource, memorySource } from './byte-source.ts'
import { openFile, readHandle, readPart } from './files.node.ts'
import { mapFile } from './mapping.node.ts'

export interface FileSourceOptions {
  /** Whether the file is mapped, where that is possible. */
  readonly mmap: boolean
  /** Whether most of it will be used; see `mapFile`. */
  readonly isWhole: boolean
}

/**
 * A file's bytes, mapped if `mmap` is true and the platform can, and read in parts otherwise. No file stays open.
 *
 * @throws FormatError if there is none.
 */
export async function fileSource(path: string, { mmap, isWhole }: FileSourceOptions): Promise<ByteSource> {
  const file = await openFile(path)
  try {
    const found = await file.stat({ bigint: true })
    // What is no regular file, such as a pipe, can be read once and has no size.
    if (!found.isFile() || found.size === 0n) return memorySource(await readHandle(path, file), path)
    const size = Number(found.size)
    const mapping = mmap ? await mapFile(file.fd, size, isWhole) : undefined
    if (mapping !== undefined)
      return { name: path, size, bytes: async (begin, end) => mapping.view(begin, end) }
    return readSource(path, size, await identity(file))
  } finally {
    await file.close()
  }
}

/** Opens the file for each part. Another that has its name meanwhile, or the same one after a change, is refused. */
function readSource(path: string, size: number, opened: string): ByteSource {
  return {
    name: path,
    size,
    async bytes(begin, end) {
      const file = await open(path).catch(() => undefined)
      try {
        if (file === undefined || (await identity(file)) !== opened) throw changed(path)
        return await readPart(path, file, begin, end)
      } finally {
        await file?.close()
      }
    },
  }
}

async function identity(file: FileHandle): Promise<string> {
  const { dev, ino, size, mtimeNs } = await file.stat({ bigint: true })
  return `${dev} ${ino} ${size} ${mtimeNs}`
}

const changed = (path: string): FormatError =>
  new FormatError({
    where: path,
    expected: 'the file that was opened',
    received: 'one that was changed, replaced or removed since',
    fix: 'Open it again.',
  })
