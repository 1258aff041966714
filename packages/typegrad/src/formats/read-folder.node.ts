/** Reading a folder of several files while other processes replace it (`atomic.ts`). */
import { type FileHandle, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError } from '../base/errors.ts'
import { currentFolder } from './atomic.ts'
import { missingFile, readHandle } from './files.node.ts'

/** How often a folder that changes is read anew; with the waits between, some ten seconds. */
const maxAttempts = 500
/** A folder that nothing hints at is looked for so often: no listing of names is of one moment. */
const looks = 3

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

/** What a replaced folder answers: its files are gone, or (network disks, Windows) their handles. */
const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ESTALE', 'EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error))

/**
 * The bytes of files of one version of a folder, however often it is replaced meanwhile.
 *
 * All files are opened before the first is read: what is open stays whole when the folder is replaced and removed.
 * Should it be replaced between two openings, the identities of the folder or the versions that the files name
 * differ, and everything is read anew.
 *
 * @param versionOf the version that a file names, undefined if it names none. By default none does.
 * @returns undefined if there is no such folder.
 * @throws FormatError if a file is missing, or if files name different versions and nothing changes that.
 */
export async function readFolderFiles<const N extends string>(
  folder: string,
  names: readonly N[],
  versionOf: (name: N, bytes: Uint8Array) => string | undefined = () => undefined,
): Promise<Readonly<Record<N, Uint8Array>> | undefined> {
  for (let attempt = 1; ; attempt++) {
    const current = await currentFolder(folder)
    if (current.path === undefined) {
      if (attempt >= (current.state === 'missing' ? looks : maxAttempts)) return undefined
    } else {
      const read = await attemptOf(folder, current.path, names, versionOf)
      if ('files' in read) return read.files
      // An old version that is not complete is being removed.
      if ((!read.isReplaced && current.path === folder) || attempt >= maxAttempts) throw read.problem
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt * 2, 40)))
  }
}

/** What tells a folder from the one that takes its place: the system may give both the same number. */
async function identity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found && `${found.dev} ${found.ino} ${found.mtimeNs}`
}

type Attempt<N extends string> =
  | { readonly files: Readonly<Record<N, Uint8Array>> }
  | { readonly problem: unknown; readonly isReplaced: boolean }

async function attemptOf<N extends string>(
  folder: string,
  path: string,
  names: readonly N[],
  versionOf: (name: N, bytes: Uint8Array) => string | undefined,
): Promise<Attempt<N>> {
  const before = await identity(path)
  const failed = async (problem: unknown): Promise<Attempt<N>> => ({
    problem,
    isReplaced: before === undefined || before !== (await identity(path)),
  })
  const handles: FileHandle[] = []
  try {
    for (const name of names) {
      try {
        handles.push(await open(join(path, name)))
      } catch (cause) {
        if (!isGone(cause)) throw cause
        return await failed(codeOf(cause) === 'ENOENT' ? missingFile(join(folder, name), cause) : cause)
      }
    }
    // Files of two versions may have been opened.
    if (before !== (await identity(path))) return { problem: mixed(folder, names), isReplaced: true }
    const entries: [N, Uint8Array][] = []
    for (const [i, name] of names.entries()) {
      // One handle for each name.
      entries.push([name, await readHandle(join(folder, name), handles[i] as FileHandle)])
    }
    const versions = new Map<string, N>()
    for (const [name, bytes] of entries) {
      const version = versionOf(name, bytes)
      if (version !== undefined) versions.set(version, name)
    }
    if (versions.size > 1) return await failed(mixed(folder, [...versions.values()]))
    return { files: Object.fromEntries(entries) as Record<N, Uint8Array> }
  } catch (cause) {
    if (!isGone(cause)) throw cause
    return await failed(cause)
  } finally {
    for (const handle of handles) await handle.close()
  }
}

const mixed = (folder: string, names: readonly string[]): FormatError =>
  new FormatError({
    where: folder,
    expected: 'files of one save',
    received: `${names.join(' and ')} of different ones`,
    fix: 'A file was copied here from elsewhere, or the folder was copied while it was written: save or copy it again.',
  })
