import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListFileEntry } from '@huggingface/hub'
import { ArgumentError, FormatError, StateError } from 'typegrad/core'
import { type DownloadProgress, download, messageOf } from './download.node.ts'
import { CachedModel, cacheFolder, isCommit, keptToken } from './hub-cache.node.ts'
import { noWeights, weightsFileOf } from './local-folder.node.ts'
import { progressBar } from './progress-bar.node.ts'

/** How models of the hub are fetched. */
export interface HubOptions {
  /** A branch, a tag or a commit. Default `'main'`. */
  readonly revision?: string
  /** Where downloads are kept. Default HF_HUB_CACHE, `hub` in HF_HOME, or `~/.cache/huggingface/hub`, as in Python. */
  readonly cacheDir?: string
  /** Whether only the cache is looked at. Default: whether HF_HUB_OFFLINE is set. */
  readonly offline?: boolean
  /** For private and gated models. Default HF_TOKEN, or what `hf auth login` kept. */
  readonly token?: string
  /** Ends a download, which the next one continues. */
  readonly signal?: AbortSignal
  /** Told how far each file is. Default: one line on a terminal, and nothing elsewhere. */
  readonly onProgress?: (progress: DownloadProgress) => void
}

/** Files beside the weights that this package reads. */
const sideFiles: ReadonlySet<string> = new Set([
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'video_preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.json',
  'chat_template.jinja',
  // Of sentence encoders.
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
])
/** Pooling and dense layers of sentence encoders. */
const moduleFile = /^\d+_\w+\/(config\.json|model\.safetensors)$/
/** The letters of wav2vec 2.0, which has no `tokenizer.json`. */
const letters = 'vocab.json'

const isSideFile = (path: string, all: { has(path: string): boolean }): boolean =>
  sideFiles.has(path) || moduleFile.test(path) || (path === letters && !all.has('tokenizer.json'))

const isSet = (value: string | undefined): boolean => /^(1|true|yes|on)$/i.test(value ?? '')

/** Whether a text can be the name of a model of the hub: `gpt2`, `org/name`. */
export const isHubId = (text: string): boolean =>
  /^[\w][\w.-]{0,95}(\/[\w][\w.-]{0,95})?$/.test(text) && !/\.\.|--/.test(text)

/**
 * The folder of a model of the hub: from the cache, or downloaded into it. Only what this package reads is downloaded: the
 * configurations, the tokenizer, and the safetensors or the one file that is needed.
 *
 * @param where what errors call the function that reads it.
 * @param needed the file that is read; default the weights, with `config.json`.
 *
 * A commit that is there is never asked for again, and where the hub cannot be reached, what the cache has serves.
 *
 * @throws ArgumentError for a model or revision that there is not, or that the token may not read; FormatError for one without
 * safetensors and for content that is damaged on the way; StateError where the hub does not answer and the cache lacks it.
 */
export async function hubFolder(
  where: string,
  id: string,
  options: HubOptions,
  needed?: string,
): Promise<string> {
  const { revision = 'main', cacheDir = cacheFolder(), offline = isSet(process.env.HF_HUB_OFFLINE) } = options
  checkRevision(where, revision)
  const cached = new CachedModel(cacheDir, id)
  const kept = await wholeSnapshot(cached, revision, needed)
  if (kept !== undefined && (offline || isCommit(revision))) return kept
  if (offline) {
    throw new StateError({
      where: `${where}('${id}')`,
      expected: `revision '${revision}' in the cache at ${cacheDir}`,
      received:
        'a cache without it, or without a part of its files, and no permission to download (offline, or HF_HUB_OFFLINE)',
      fix: 'Fetch it once without offline.',
    })
  }
  const hub = await Hub.of(where, id, options)
  let commit: string
  try {
    commit = await hub.commitOf(revision)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (kept !== undefined && error instanceof StateError) return kept
    throw error
  }
  const onProgress = options.onProgress ?? (process.stderr.isTTY ? progressBar(process.stderr) : () => {})
  const entries = await hub.filesAt(commit)
  const fetched = (entry: ListFileEntry) => fetchInto(cached, commit, entry, hub, { ...options, onProgress })
  const wanted = needed === undefined ? weightsAmong(hub, entries) : entryOf(hub, entries, needed)
  for (const entry of entries.values()) if (isSideFile(entry.path, entries)) await fetched(entry)
  await fetched(wanted)
  if (wanted.path.endsWith(indexEnd)) {
    for (const shard of await shardsOf(join(cached.snapshot(commit), wanted.path)))
      await fetched(entryOf(hub, entries, shard, wanted.path))
  }
  // Last: until all is there, the name stands for the older commit.
  await cached.remember(revision, commit)
  return cached.snapshot(commit)
}

type Entries = ReadonlyMap<string, ListFileEntry>

/** @param index the file that names it, if one does. @throws FormatError where the model does not have it. */
function entryOf({ page }: Hub, entries: Entries, path: string, index?: string): ListFileEntry {
  const found = entries.get(path)
  if (found !== undefined) return found
  throw new FormatError({
    where: index === undefined ? page : `${page}: ${index}`,
    expected: index === undefined ? `'${path}' among its files` : 'files that the model has',
    received: index === undefined ? [...entries.keys()].join(', ') : `'${path}'`,
  })
}

/** @throws FormatError for a model without safetensors or a configuration. */
function weightsAmong(hub: Hub, entries: Entries): ListFileEntry {
  const weights = weightsFileOf([...entries.keys()])
  if (weights === undefined) throw noWeights(hub.page, [...entries.keys()])
  entryOf(hub, entries, 'config.json')
  return entryOf(hub, entries, weights)
}

const indexEnd = '.index.json'

function checkRevision(where: string, revision: string): void {
  if (/^[\w.-]+(\/[\w.-]+)*$/.test(revision) && !revision.split('/').some((part) => /^\.+$/.test(part)))
    return
  throw new ArgumentError({
    where: `${where}: revision`,
    expected: 'a branch, a tag or a commit',
    received: JSON.stringify(revision),
  })
}

/** The folder of a revision whose files are all there; undefined if any is missing. */
async function wholeSnapshot(
  cached: CachedModel,
  revision: string,
  needed: string | undefined,
): Promise<string | undefined> {
  const commit = await cached.commitOf(revision)
  if (commit === undefined) return undefined
  const folder = cached.snapshot(commit)
  const names = await readdir(folder).catch((): string[] => [])
  if (needed !== undefined) return names.includes(needed) ? folder : undefined
  const weights = weightsFileOf(names)
  if (weights === undefined || !names.includes('config.json')) return undefined
  const shards = weights.endsWith(indexEnd)
    ? await shardsOf(join(folder, weights)).catch(() => undefined)
    : []
  if (shards === undefined || shards.some((shard) => !names.includes(shard))) return undefined
  return folder
}

/** The files that an index names. What else is wrong with it, reading the weights will say. */
async function shardsOf(index: string): Promise<readonly string[]> {
  let parsed: unknown
  try {
    parsed = JSON.parse(await readFile(index, 'utf8'))
  } catch (cause) {
    throw new FormatError({ where: index, expected: 'JSON', received: messageOf(cause) }, { cause })
  }
  const map = (parsed as { weight_map?: unknown } | null)?.weight_map ?? {}
  return [...new Set(Object.values(map))].filter((shard) => typeof shard === 'string')
}

interface Fetching extends HubOptions {
  readonly onProgress: (progress: DownloadProgress) => void
}

/** Brings a file into the cache, unless its content is there. */
async function fetchInto(
  cached: CachedModel,
  commit: string,
  { path, size, oid, lfs }: ListFileEntry,
  hub: Hub,
  { signal, onProgress }: Fetching,
): Promise<void> {
  signal?.throwIfAborted()
  const checksum = lfs?.oid ?? oid ?? ''
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(checksum)) {
    throw new FormatError({
      where: hub.page,
      expected: `a checksum of '${path}'`,
      received: JSON.stringify(checksum),
    })
  }
  const total = lfs?.size ?? size
  if (!(await cached.has(checksum, total))) {
    const claim = await cached.claim(checksum)
    const file = { path, url: hub.urlOf(commit, path), size: total, checksum }
    try {
      await download(file, claim, { request: hub.request, signal, onProgress })
      await claim.complete()
    } catch (error) {
      await claim.leave()
      throw error
    }
  }
  await cached.link(commit, path, checksum)
}

/** A model of the hub, by `@huggingface/hub` as far as that lists; downloads are ours: its own are neither resumed nor checked. */
class Hub {
  readonly page: string
  readonly request: (url: string, headers: Readonly<Record<string, string>>) => Promise<Response>
  readonly #where: string
  readonly #id: string
  readonly #endpoint: string
  readonly #common: { readonly hubUrl: string; readonly fetch: typeof fetch }
  readonly #package: typeof import('@huggingface/hub')

  static async of(where: string, id: string, options: HubOptions): Promise<Hub> {
    const token = options.token ?? (await keptToken())
    return new Hub(`${where}('${id}')`, id, options.signal, token, await import('@huggingface/hub'))
  }

  private constructor(
    where: string,
    id: string,
    signal: AbortSignal | undefined,
    token: string | undefined,
    hub: typeof import('@huggingface/hub'),
  ) {
    this.#where = where
    this.#id = id
    this.#package = hub
    this.#endpoint = (process.env.HF_ENDPOINT ?? hub.HUB_URL).replace(/\/+$/, '')
    this.page = `${this.#endpoint}/${id}`
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
    const { sha } = await this.#asked(revision, () =>
      this.#package.modelInfo({ ...this.#common, name: this.#id, revision, additionalFields: ['sha'] }),
    )
    if (isCommit(sha)) return sha
    throw new FormatError({
      where: this.page,
      expected: 'the hash of a commit',
      received: JSON.stringify(sha) ?? 'none',
    })
  }

  async filesAt(commit: string): Promise<ReadonlyMap<string, ListFileEntry>> {
    return await this.#asked(commit, async () => {
      const entries = new Map<string, ListFileEntry>()
      const listed = this.#package.listFiles({
        ...this.#common,
        repo: { type: 'model', name: this.#id },
        recursive: true,
        revision: commit,
      })
      for await (const entry of listed) if (entry.type === 'file') entries.set(entry.path, entry)
      return entries
    })
  }

  /** What the package throws, in the words of this one. */
  async #asked<T>(revision: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      const where = this.#where
      if (!(error instanceof this.#package.HubApiError)) {
        throw new StateError({
          where,
          expected: `the hub to answer at ${this.#endpoint}`,
          received: messageOf(error),
          fix: 'Models that are in the cache are found without it: offline: true, or HF_HUB_OFFLINE=1.',
        })
      }
      const { statusCode } = error
      const parts = {
        where,
        expected: `a model at ${this.page}, with the revision '${revision}'`,
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
