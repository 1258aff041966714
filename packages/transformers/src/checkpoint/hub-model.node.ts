import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CachedRepository,
  checkRevision,
  Hub,
  type HubFile,
  type HubOptions,
  isCommit,
  messageOf,
  notInCache,
  placeOf,
} from '@typegrad/hub'
import { FormatError, StateError } from 'typegrad/core'
import { noWeights, weightsFileOf } from './local-folder.node.ts'

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
  const { revision, cacheDir, offline } = placeOf(options)
  checkRevision(where, revision)
  const cached = new CachedRepository(cacheDir, 'model', id)
  const kept = await wholeSnapshot(cached, revision, needed)
  if (kept !== undefined && (offline || isCommit(revision))) return kept
  if (offline) throw notInCache(`${where}('${id}')`, revision, cacheDir)
  const hub = await Hub.of({ where, kind: 'model', id }, options)
  let commit: string
  try {
    commit = await hub.commitOf(revision)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (kept !== undefined && error instanceof StateError) return kept
    throw error
  }
  const entries = await hub.filesAt(commit)
  const fetched = (entry: HubFile) => hub.fetchInto(cached, commit, entry)
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

type Entries = ReadonlyMap<string, HubFile>

/** @param index the file that names it, if one does. @throws FormatError where the model does not have it. */
function entryOf({ page }: Hub, entries: Entries, path: string, index?: string): HubFile {
  const found = entries.get(path)
  if (found !== undefined) return found
  throw new FormatError({
    where: index === undefined ? page : `${page}: ${index}`,
    expected: index === undefined ? `'${path}' among its files` : 'files that the model has',
    received: index === undefined ? [...entries.keys()].join(', ') : `'${path}'`,
  })
}

/** @throws FormatError for a model without safetensors or a configuration. */
function weightsAmong(hub: Hub, entries: Entries): HubFile {
  const weights = weightsFileOf([...entries.keys()])
  if (weights === undefined) throw noWeights(hub.page, [...entries.keys()])
  entryOf(hub, entries, 'config.json')
  return entryOf(hub, entries, weights)
}

const indexEnd = '.index.json'

/** The folder of a revision whose files are all there; undefined if any is missing. */
async function wholeSnapshot(
  cached: CachedRepository,
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
