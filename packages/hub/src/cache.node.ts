import { access, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import { dirname, join, relative } from 'node:path'

/** Where files of the hub are kept: HF_HUB_CACHE, or `hub` in HF_HOME, or `~/.cache/huggingface/hub`, as in Python. */
export function cacheFolder(): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE } = process.env
  return HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? join(huggingFaceHome(), 'hub')
}

function huggingFaceHome(): string {
  const { HF_HOME, XDG_CACHE_HOME } = process.env
  return HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface')
}

/** The token of the environment (HF_TOKEN), or the one that `hf auth login` kept. */
export async function keptToken(): Promise<string | undefined> {
  const { HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH } = process.env
  const given = HF_TOKEN ?? HUGGING_FACE_HUB_TOKEN
  const path = HF_TOKEN_PATH ?? join(huggingFaceHome(), 'token')
  const token = (given ?? (await readFile(path, 'utf8').catch(() => ''))).trim()
  return token === '' ? undefined : token
}

/** What the hub keeps. */
export type RepositoryKind = 'model' | 'dataset'

const commitPattern = /^[0-9a-f]{40}$/
/** Whether a revision is a commit, which never changes. */
export const isCommit = (revision: string): boolean => commitPattern.test(revision)

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * A repository's place in the cache, laid out as Python's huggingface_hub does, so that both share it; data sets are under
 * `datasets--`:
 *
 * ```
 * models--org--name/blobs/<checksum>              the content of files, each once
 * models--org--name/snapshots/<commit>/<file>     a link to its blob
 * models--org--name/refs/<branch or tag>          the commit that it was
 * ```
 */
export class CachedRepository {
  readonly #folder: string

  constructor(cache: string, kind: RepositoryKind, id: string) {
    this.#folder = join(cache, `${kind}s--${id.replaceAll('/', '--')}`)
  }

  /** The folder of a commit's files. */
  snapshot(commit: string): string {
    return join(this.#folder, 'snapshots', commit)
  }

  blob(checksum: string): string {
    return join(this.#folder, 'blobs', checksum)
  }

  /** The commit that a branch or tag was when it was last looked up; undefined if it never was. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (isCommit(revision)) return revision
    const text = await readFile(join(this.#folder, 'refs', revision), 'utf8').catch(() => '')
    return isCommit(text.trim()) ? text.trim() : undefined
  }

  async remember(revision: string, commit: string): Promise<void> {
    if (isCommit(revision)) return
    const path = join(this.#folder, 'refs', revision)
    await mkdir(dirname(path), { recursive: true })
    // A reader finds the older commit or this one.
    const made = `${path}.${ownMark()}`
    await writeFile(made, commit)
    await rename(made, path)
  }

  /** Whether a blob is there, of this size. */
  async has(checksum: string, size: number): Promise<boolean> {
    const found = await stat(this.blob(checksum)).catch(() => undefined)
    return found?.size === size
  }

  /** Makes a commit's file a link to its blob, or a copy of it where the system has no links for us. */
  async link(commit: string, file: string, checksum: string): Promise<void> {
    const [path, blob] = [join(this.snapshot(commit), file), this.blob(checksum)]
    await mkdir(dirname(path), { recursive: true })
    const made = `${path}.${ownMark()}`
    try {
      await symlink(relative(dirname(path), blob), made)
    } catch {
      const { copyFile } = await import('node:fs/promises')
      await copyFile(blob, made)
    }
    await rename(made, path)
  }

  /**
   * Takes over what an earlier download of a blob left, or begins a new one. Renaming is what makes it ours: two processes
   * never write into one file.
   */
  async claim(checksum: string): Promise<Claim> {
    const folder = join(this.#folder, 'blobs')
    await mkdir(folder, { recursive: true })
    const own = join(folder, `${checksum}.${ownMark()}${endOfPartial}`)
    const left = (await readdir(folder)).filter(
      (name) => name.startsWith(`${checksum}.`) && isLeft(name.slice(checksum.length + 1)),
    )
    for (const name of left) {
      const taken = await rename(join(folder, name), own).then(
        () => true,
        () => false,
      )
      if (taken) break
    }
    return {
      path: own,
      complete: () => rename(own, this.blob(checksum)),
      leave: async () => {
        if (await exists(own)) await rename(own, join(folder, `${checksum}.${endOfPartial}`))
      },
      discard: () => rm(own, { force: true }),
    }
  }
}

/** A file that is being downloaded. */
export interface Claim {
  readonly path: string
  /** Makes it the blob. */
  complete(): Promise<void>
  /** Leaves it to the next download, which goes on there. */
  leave(): Promise<void>
  /** Removes what is wrong. */
  discard(): Promise<void>
}

const endOfPartial = 'incomplete'
const host = hostname().replace(/[^\w-]/g, '_')
let marks = 0
/** A name that no other process on a shared disk gives. */
const ownMark = (): string => `${host}-${process.pid}-${++marks}.`

/** Whether a partial download has no writer: it was left in order, or its process on this machine is no more. */
function isLeft(name: string): boolean {
  if (name === endOfPartial) return true
  const owner = new RegExp(`^${host}-(\\d+)-\\d+\\.${endOfPartial}$`).exec(name)
  if (owner === null) return false
  try {
    process.kill(Number(owner[1]), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
