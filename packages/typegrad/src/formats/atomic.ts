/**
 * Files and folders that are replaced whole or not at all: a full disk, an exception or a power cut while
 * saving leaves the older checkpoint as it was. Node only.
 */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ArgumentError } from '../base/errors.ts'

// Worker threads share the process's id but not this count: a random start keeps their names apart.
let count = Math.floor(Math.random() * 2 ** 32)
const temporaryMark = '.tmp-'
/** A name beside `path` that nobody else uses, now or in another process. */
const temporaryPath = (path: string): string => `${path}${temporaryMark}${process.pid}-${++count}`

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
  const temporary = temporaryPath(resolve(path))
  try {
    const file = await open(temporary, 'wx')
    try {
      for await (const chunk of chunks) await file.writeFile(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(resolve(path)))
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

/** The temporary folders that this process is writing. */
const beingWritten = new Set<string>()

/** What is under way for a folder: two saves of the same one take turns. */
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
 * A complete new folder that waits for its place (folder.new, in what follows); only what is whole and flushed
 * gets this name, which nobody else would choose.
 */
const newPath = (folder: string): string => `${folder}.typegrad-new`
/** The folder that the new one replaces (folder.old), until the new one is in its place. */
const oldPath = (folder: string): string => `${folder}.typegrad-old`

/**
 * Replaces `folder` by what `write` puts into the empty temporary folder that it is given. Whatever happens
 * on the way (`write` throws, the disk is full, the process is killed), the folder is then either all new or
 * all old, if need be after {@link recoverFolder}. Everything else that the folder held is gone.
 *
 * The steps, and what a crash right after each leaves:
 *
 * ```
 * write folder.tmp-<pid>-<n>, flush it    the old folder in its place; the temporary one is rubbish
 * rename it to folder.new                 both whole: recovery finishes
 * rename folder to folder.old             both whole: recovery finishes
 * rename folder.new to folder             the new folder in its place; folder.old is rubbish
 * remove folder.old
 * ```
 *
 * @throws ArgumentError if `folder` is a file; otherwise what `write` or the system throws.
 */
export async function replaceFolderAtomically(
  folder: string,
  write: (temporaryFolder: string) => Promise<void>,
): Promise<void> {
  const target = resolve(folder)
  await inTurn(target, async () => {
    await recover(target)
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
    beingWritten.add(temporary)
    try {
      await mkdir(temporary)
      await write(temporary)
      await syncTree(temporary)
      await rename(temporary, newPath(target))
    } catch (error) {
      await rm(temporary, { recursive: true, force: true })
      throw error
    } finally {
      beingWritten.delete(temporary)
    }
    try {
      await putInPlace(target)
    } catch (error) {
      await rollBack(target)
      throw error
    }
  })
}

/** Moves the folder aside, the new one into its place, and removes the old one. */
async function putInPlace(folder: string): Promise<void> {
  if ((await kindOf(folder)) !== 'nothing') await rename(folder, oldPath(folder))
  await rename(newPath(folder), folder)
  await syncFolder(dirname(folder))
  await rm(oldPath(folder), { recursive: true, force: true })
}

/** After a rename that the system refused: the old folder back into its place, the new one gone. */
async function rollBack(folder: string): Promise<void> {
  if ((await kindOf(folder)) === 'nothing' && (await kindOf(oldPath(folder))) !== 'nothing') {
    await rename(oldPath(folder), folder)
  }
  await rm(newPath(folder), { recursive: true, force: true })
}

/**
 * Makes good what a crash within {@link replaceFolderAtomically} left: to be called before reading `folder`.
 *
 * @returns `'finished'` if the new folder was whole and has taken its place, `'rolled back'` if the old one has
 * been put back, `'nothing'` if there was nothing to do (rubbish beside the folder is removed all the same).
 */
export async function recoverFolder(folder: string): Promise<'finished' | 'rolled back' | 'nothing'> {
  const target = resolve(folder)
  return await inTurn(target, () => recover(target))
}

async function recover(folder: string): Promise<'finished' | 'rolled back' | 'nothing'> {
  await removeAbandoned(folder)
  const hasFolder = (await kindOf(folder)) !== 'nothing'
  if (hasFolder) await rm(oldPath(folder), { recursive: true, force: true })
  if ((await kindOf(newPath(folder))) === 'folder') {
    await putInPlace(folder)
    return 'finished'
  }
  if (!hasFolder && (await kindOf(oldPath(folder))) === 'folder') {
    await rename(oldPath(folder), folder)
    return 'rolled back'
  }
  return 'nothing'
}

/**
 * Removes the temporary folders of processes that are no more. A container's processes have the same ids at
 * every start, so this process's own id says nothing: it knows what it is writing.
 */
async function removeAbandoned(folder: string): Promise<void> {
  const prefix = `${basename(folder)}${temporaryMark}`
  const siblings = await readdir(dirname(folder)).catch(() => [])
  for (const name of siblings) {
    const pid = name.startsWith(prefix) ? /^(\d+)-\d+$/.exec(name.slice(prefix.length))?.[1] : undefined
    if (pid === undefined) continue
    const path = join(dirname(folder), name)
    const inUse = Number(pid) === process.pid ? beingWritten.has(path) : isAlive(Number(pid))
    if (!inUse) await rm(path, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0) // signal 0 only asks
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function kindOf(path: string): Promise<'folder' | 'other' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing'
    throw error
  }
}
