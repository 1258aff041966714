/**
 * Files and folders that are replaced whole or not at all: a full disk, an exception or a power cut while saving
 * leaves the older checkpoint as it was, and any number of processes may save and load the same one. Node only.
 *
 * Nothing here takes a lock. What is under way has a name of its own, which says who makes it (`owner.node.ts`):
 *
 * ```
 * model                         the current version, always whole; missing for a moment while it is replaced
 * model.typegrad-tmp-<owner>    being written or removed: readers leave it alone
 * model.typegrad-old-<owner>    a whole version that its owner moved aside to make room for a newer one
 * ```
 *
 * Readers change nothing (`read-folder.node.ts`). A writer changes the current version and what is its own; what
 * others left is removed only when their processes are no more.
 */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ArgumentError } from '../base/errors.ts'
import { isAbandoned, ownerMark } from './owner.node.ts'

const temporaryMark = '.typegrad-tmp-'
const oldMark = '.typegrad-old-'

const temporaryPath = (path: string): string => `${path}${temporaryMark}${ownerMark()}`

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/**
 * Writes `chunks` one after the other into `path`, which then is either all of them or what it was before.
 *
 * They go into a temporary file beside it, which is flushed to the disk and renamed. Where that fails, for
 * instance because the disk is full, the temporary file is removed and the system's error is thrown.
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const target = resolve(path)
  const temporary = temporaryPath(target)
  try {
    const file = await open(temporary, 'wx')
    try {
      for await (const chunk of chunks) await file.writeFile(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
    await renamed(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(target))
  await removeAbandoned(target)
}

/** Flushes a folder's list of names. Some systems (Windows) cannot and need not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

/** Flushes every file and folder below `folder`. */
async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await syncTree(path)
    else if (entry.isFile()) {
      const file = await open(path, 'r+')
      await file.sync().finally(() => file.close())
    }
  }
  await syncFolder(folder)
}

/** What is under way for a folder: two saves of one process take turns, and the later call is the later version. */
const underWay = new Map<string, Promise<unknown>>()

async function inTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = underWay.get(folder) ?? Promise.resolve()
  const mine = before.then(work, work)
  underWay.set(folder, mine)
  try {
    return await mine
  } finally {
    if (underWay.get(folder) === mine) underWay.delete(folder)
  }
}

/**
 * Replaces `folder` by what `write` puts into the empty temporary folder that it is given. Whatever happens
 * on the way (`write` throws, the disk is full, the process is killed), {@link currentFolder} then finds either all
 * of the new version or all of an older one. Everything else that the folder held is gone.
 *
 * The steps, and what a crash right after each leaves:
 *
 * ```
 * write folder.tmp, flush it       the older version in its place; folder.tmp is rubbish
 * rename folder to folder.old      only folder.old, which is whole: it counts until there is a folder again
 * rename folder.tmp to folder      the new version in its place; folder.old is rubbish
 * rename folder.old to a .tmp, remove it
 * ```
 *
 * Another process that does the same at the same time finds the folder's place taken or empty at any of these
 * steps, and tries again: both versions are complete, and the one that was placed last stays.
 *
 * @throws ArgumentError if `folder` is a file; otherwise what `write` or the system throws.
 */
export async function replaceFolderAtomically(
  folder: string,
  write: (temporaryFolder: string) => Promise<void>,
): Promise<void> {
  const target = resolve(folder)
  await inTurn(target, async () => {
    if ((await kindOf(target)) === 'other') {
      throw new ArgumentError({
        where: 'replaceFolderAtomically',
        expected: 'a folder, or a path where nothing is yet',
        received: `the file ${folder}`,
        fix: 'Save under another name, or remove the file first.',
      })
    }
    await mkdir(dirname(target), { recursive: true })
    const temporary = temporaryPath(target)
    try {
      await mkdir(temporary)
      await write(temporary)
      await syncTree(temporary)
      await place(temporary, target)
    } catch (error) {
      await rm(temporary, { recursive: true, force: true })
      throw error
    }
    await removeAbandoned(target)
  })
}

/** A folder's place is taken by another: systems differ in what they call it. */
const isTaken = (error: unknown): boolean =>
  ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '')

/** Others can take the place again between two renames, but hardly so often. */
const maxAttempts = 1000

/** Moves a whole new version into its place, and what was there aside and away. */
async function place(temporary: string, target: string): Promise<void> {
  const aside: string[] = []
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(temporary, target)
      break
    } catch (error) {
      if (!isTaken(error) || attempt === maxAttempts) {
        // Back to what was: unless another writer has filled the place, in which case the system refuses.
        const last = aside.at(-1)
        if (last !== undefined) await rename(last, target).catch(() => undefined)
        throw error
      }
    }
    const old = `${target}${oldMark}${ownerMark()}`
    try {
      await renamed(target, old)
      aside.push(old)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error // ENOENT: another writer has just moved it aside
    }
  }
  await syncFolder(dirname(target))
  for (const old of aside) await removeWhole(old, target)
}

/** Renames; Windows refuses while another program has a file of it open, and is asked again for two seconds. */
async function renamed(from: string, to: string): Promise<void> {
  for (let wait = 1; ; wait *= 2) {
    try {
      await rename(from, to)
      return
    } catch (error) {
      const passes = process.platform === 'win32' && /^E(PERM|ACCES|BUSY)$/.test(codeOf(error) ?? '')
      if (!passes || wait > 1024) throw error
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

/** Removes a folder that no reader is to see in part: it loses its name first. */
async function removeWhole(folder: string, target: string): Promise<void> {
  const rubbish = temporaryPath(target)
  try {
    await renamed(folder, rubbish)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  await rm(rubbish, { recursive: true, force: true })
}

/** Removes `folder` at once, with what interrupted saves left beside it. What others are writing stays theirs. */
export async function removeFolderAtomically(folder: string): Promise<void> {
  const target = resolve(folder)
  await inTurn(target, async () => {
    // First, lest an older version takes its place.
    await removeAbandoned(target, 'with old versions')
    await removeWhole(target, target)
    await syncFolder(dirname(target))
  })
}

interface Sibling {
  readonly kind: 'temporary' | 'old'
  readonly mark: string
  readonly path: string
}

/** What stands beside a path under names of this file's. */
async function siblingsOf(target: string): Promise<{ siblings: Sibling[]; isListed: boolean }> {
  const name = basename(target)
  const folder = dirname(target)
  const names = await readdir(folder).catch((): string[] => [])
  const siblings = names.flatMap((sibling): Sibling[] => {
    const path = join(folder, sibling)
    if (sibling.startsWith(name + temporaryMark))
      return [{ kind: 'temporary', mark: sibling.slice(name.length + temporaryMark.length), path }]
    if (sibling.startsWith(name + oldMark))
      return [{ kind: 'old', mark: sibling.slice(name.length + oldMark.length), path }]
    return []
  })
  return { siblings, isListed: names.includes(name) }
}

/**
 * Removes what processes that are no more were writing. Their old versions go too, if a newer one has taken the
 * place since: that is so where the folder is there *after* they have been listed, since moving a version aside
 * empties the place.
 */
async function removeAbandoned(target: string, olds?: 'with old versions'): Promise<void> {
  const { siblings } = await siblingsOf(target)
  if (siblings.length === 0) return
  const superseded = olds === 'with old versions' || (await kindOf(target)) !== 'nothing'
  for (const { kind, mark, path } of siblings) {
    const { ctimeMs, mtimeMs } = await stat(path).catch(() => ({ ctimeMs: Infinity, mtimeMs: 0 }))
    if (!(await isAbandoned(mark, Math.max(ctimeMs, mtimeMs)))) continue
    if (kind === 'temporary') await rm(path, { recursive: true, force: true })
    else if (superseded) await removeWhole(path, target)
  }
}

/** Where the current version of a folder is. */
export type CurrentFolder =
  | { readonly path: string }
  /** It is not there: `'changing'` if it may be in a moment, since a writer is at work or was interrupted. */
  | { readonly path: undefined; readonly state: 'missing' | 'changing' }

/**
 * Finds the current version of a folder, which may have been moved aside by a writer that is about to replace it
 * or was killed before it could. Nothing is changed.
 */
export async function currentFolder(folder: string): Promise<CurrentFolder> {
  const target = resolve(folder)
  if ((await kindOf(target)) !== 'nothing') return { path: folder }
  const { siblings, isListed } = await siblingsOf(target)
  let newest: { readonly path: string; readonly time: bigint } | undefined
  for (const { kind, path } of siblings) {
    if (kind !== 'old') continue
    // When it was written: a folder's own time does not change when it is renamed.
    const time = (await stat(path, { bigint: true }).catch(() => undefined))?.mtimeNs
    if (time !== undefined && (newest === undefined || time > newest.time)) newest = { path, time }
  }
  if (newest !== undefined) return { path: newest.path }
  return { path: undefined, state: isListed || siblings.length > 0 ? 'changing' : 'missing' }
}

async function kindOf(path: string): Promise<'folder' | 'other' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return 'nothing'
    throw error
  }
}
