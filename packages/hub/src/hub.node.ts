import { join } from 'node:path'
import type { ListFileEntry } from '@huggingface/hub'
import { ArgumentError, FormatError, StateError } from 'typegrad/core'
import { type CachedRepository, cacheFolder, isCommit, keptToken, type RepositoryKind } from './cache.node.ts'
import { download, messageOf } from './download.node.ts'
import type { DownloadProgress, HubOptions } from './options.ts'
import { progressBar } from './progress-bar.node.ts'

/** A file that the hub lists. */
export type HubFile = ListFileEntry

/** What is asked for, and what errors call the function that asks. */
export interface HubRepository {
  readonly where: string
  readonly kind: RepositoryKind
  readonly id: string
}

const isSet = (value: string | undefined): boolean => /^(1|true|yes|on)$/i.test(value ?? '')

/** Options with their defaults, from the environment as Python's. */
export const placeOf = ({
  revision = 'main',
  cacheDir = cacheFolder(),
  offline = isSet(process.env.HF_HUB_OFFLINE),
}: HubOptions) => ({ revision, cacheDir, offline })

/** That the cache lacks what the hub may not be asked for. */
export const notInCache = (where: string, revision: string, cacheDir: string): StateError =>
  new StateError({
    where,
    expected: `revision '${revision}' in the cache at ${cacheDir}`,
    received:
      'a cache without it, or without a part of its files, and no permission to download (offline, or HF_HUB_OFFLINE)',
    fix: 'Fetch it once without offline.',
  })

const terminalProgress = (): ((progress: DownloadProgress) => void) =>
  process.stderr.isTTY ? progressBar(process.stderr) : () => {}

/** A repository of the hub, by `@huggingface/hub` as far as that lists; downloads are ours: its own are neither resumed nor checked. */
export class Hub {
  readonly page: string
  readonly request: (url: string, headers: Readonly<Record<string, string>>) => Promise<Response>
  readonly #repository: HubRepository
  readonly #options: HubOptions
  readonly #endpoint: string
  readonly #common: { readonly hubUrl: string; readonly fetch: typeof fetch }
  readonly #package: typeof import('@huggingface/hub')

  static async of(repository: HubRepository, options: HubOptions): Promise<Hub> {
    const token = options.token ?? (await keptToken())
    return new Hub(repository, options, token, await import('@huggingface/hub'))
  }

  private constructor(
    repository: HubRepository,
    options: HubOptions,
    token: string | undefined,
    hub: typeof import('@huggingface/hub'),
  ) {
    const { signal } = options
    this.#repository = repository
    this.#options = options
    this.#package = hub
    this.#endpoint = (process.env.HF_ENDPOINT ?? hub.HUB_URL).replace(/\/+$/, '')
    this.page = `${this.#endpoint}/${repository.kind === 'dataset' ? 'datasets/' : ''}${repository.id}`
    const withToken: typeof fetch = (url, init = {}) => {
      const headers = new Headers(init.headers)
      if (token !== undefined) headers.set('Authorization', `Bearer ${token}`)
      return fetch(url, { ...init, headers, ...(signal !== undefined && { signal }) })
    }
    this.#common = { hubUrl: this.#endpoint, fetch: withToken }
    this.request = (url, headers) => withToken(url, { headers })
  }

  urlOf(commit: string, path: string): string {
    return `${this.page}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`
  }

  /** The commit that a revision is now. */
  async commitOf(revision: string): Promise<string> {
    const { kind, id } = this.#repository
    const { sha } = await this.#asked(revision, () =>
      kind === 'model'
        ? this.#package.modelInfo({ ...this.#common, name: id, revision, additionalFields: ['sha'] })
        : this.#package.datasetInfo({ ...this.#common, name: id, revision, additionalFields: ['sha'] }),
    )
    if (isCommit(sha)) return sha
    throw new FormatError({
      where: this.page,
      expected: 'the hash of a commit',
      received: JSON.stringify(sha) ?? 'none',
    })
  }

  async filesAt(commit: string): Promise<ReadonlyMap<string, HubFile>> {
    const { kind, id } = this.#repository
    return await this.#asked(commit, async () => {
      const entries = new Map<string, HubFile>()
      const listed = this.#package.listFiles({
        ...this.#common,
        repo: { type: kind, name: id },
        recursive: true,
        revision: commit,
      })
      for await (const entry of listed) if (entry.type === 'file') entries.set(entry.path, entry)
      return entries
    })
  }

  /** Brings a file into the cache, unless its content is there. @returns its path. */
  async fetchInto(
    cached: CachedRepository,
    commit: string,
    { path, size, oid, lfs }: HubFile,
  ): Promise<string> {
    const { signal, onProgress = terminalProgress() } = this.#options
    signal?.throwIfAborted()
    const checksum = lfs?.oid ?? oid ?? ''
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(checksum)) {
      throw new FormatError({
        where: this.page,
        expected: `a checksum of '${path}'`,
        received: JSON.stringify(checksum),
      })
    }
    const total = lfs?.size ?? size
    if (!(await cached.has(checksum, total))) {
      const claim = await cached.claim(checksum)
      const file = { path, url: this.urlOf(commit, path), size: total, checksum }
      try {
        await download(file, claim, { request: this.request, signal, onProgress })
        await claim.complete()
      } catch (error) {
        await claim.leave()
        throw error
      }
    }
    await cached.link(commit, path, checksum)
    return join(cached.snapshot(commit), path)
  }

  /** What the package throws, in the words of this one. */
  async #asked<T>(revision: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      const { kind, id } = this.#repository
      const where = `${this.#repository.where}('${id}')`
      if (!(error instanceof this.#package.HubApiError)) {
        throw new StateError({
          where,
          expected: `the hub to answer at ${this.#endpoint}`,
          received: messageOf(error),
          fix: 'What is in the cache is found without it: offline: true, or HF_HUB_OFFLINE=1.',
        })
      }
      const { statusCode } = error
      const parts = {
        where,
        expected: `a ${kind === 'model' ? 'model' : 'data set'} at ${this.page}, with the revision '${revision}'`,
        received: `HTTP status ${statusCode}`,
      }
      if (statusCode >= 500 || statusCode === 429) throw new StateError({ ...parts, fix: 'Try again later.' })
      throw new ArgumentError({
        ...parts,
        fix:
          statusCode === 401 || statusCode === 403
            ? 'It is private, gated or not there: accept its licence on that page, and give a token that may read it (token, or HF_TOKEN).'
            : 'Check the name and the revision. A folder on this machine is named by its path.',
      })
    }
  }
}
