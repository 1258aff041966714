import { type FileHandle, open, statfs } from 'node:fs/promises'
import { FormatError } from '../base/errors.ts'
import { mapFile } from '../engine/file-mapping.ts'
import { type ByteSource, memorySource } from './byte-source.ts'
import { openFile, readHandle, readPart } from './files.node.ts'

export interface FileSourceOptions {
  /** Whether the file is mapped, where that is possible. */
  readonly mmap: boolean
  /** Whether most of it will be used; see `mapFile`. */
  readonly isWhole: boolean
}

/**
 * A file's bytes, mapped if `mmap` is true, the platform can and the disk is its own, and read in parts otherwise. No file stays open.
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
    const reading = readSource(path, size, await identity(file))
    const mapping = mmap && !(await isRemote(path)) ? await mapFile(file.fd, size, isWhole) : undefined
    if (mapping === undefined) return reading
    return { ...reading, bytes: async (begin, end) => mapping.view(begin, end) }
  } finally {
    await file.close()
  }
}

/** File systems (f_type of statfs on Linux) whose files other machines remove while they are mapped here. */
const remote: ReadonlySet<bigint> = new Set([
  0x6969n, // NFS
  0x517bn, // SMB
  0xff534d42n, // CIFS
  0xfe534d42n, // SMB 2
  0x65735546n, // FUSE
  0x01021997n, // 9P
  0x00c36400n, // Ceph
  0x0bd00bd0n, // Lustre
  0x47504653n, // GPFS
  0x5346414fn, // AFS
])

/** Whether a file that is replaced may lose its content here too, which would end a process that has mapped it. */
async function isRemote(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false
  // Signed in some versions of Node.
  return await statfs(path, { bigint: true }).then(
    ({ type }) => remote.has(BigInt.asUintN(32, type)),
    () => true,
  )
}

/** Opens the file for each part. Another that has its name meanwhile, or the same one after a change, is refused. */
function readSource(path: string, size: number, opened: string): Required<ByteSource> {
  const read: Required<ByteSource>['read'] = async (begin, end, into) => {
    const file = await open(path).catch(() => undefined)
    try {
      if (file === undefined || (await identity(file)) !== opened) throw changed(path)
      return await readPart(path, file, begin, end, into?.subarray(0, end - begin))
    } finally {
      await file?.close()
    }
  }
  return { name: path, size, bytes: (begin, end) => read(begin, end), read }
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
