import { readFile, stat } from 'node:fs/promises'
import {
  CachedRepository,
  checkRevision,
  Hub,
  type HubFile,
  type HubOptions,
  notInCache,
  placeOf,
} from '@typegrad/hub'
import { StateError } from 'typegrad/core'
import { type DataFiles, type DataFilesOptions, dataFiles } from './data-files.ts'
import { dataFolder, under } from './data-folder.node.ts'

/**
 * The files of a data set of the hub: from the cache, or downloaded into it. Of a split that is asked for, only its own are.
 * Where the hub cannot be reached, or is not to be asked, there are the splits that were fetched before.
 *
 * @throws ArgumentError for a data set or revision that there is not, or that the token may not read; FormatError for one without
 * data files and for content that is damaged on the way; StateError where the hub does not answer and the cache lacks it.
 */
export async function hubDataset(
  id: string,
  split: string | undefined,
  options: HubOptions & DataFilesOptions,
): Promise<DataFiles> {
  const where = 'loadDataset'
  const { revision, cacheDir, offline } = placeOf(options)
  checkRevision(where, revision)
  const cached = new CachedRepository(cacheDir, 'dataset', id)
  const kept = async (): Promise<DataFiles | undefined> => {
    const commit = await cached.commitOf(revision)
    const folder = commit === undefined ? undefined : cached.snapshot(commit)
    const isThere = folder !== undefined && (await stat(folder).catch(() => undefined)) !== undefined
    return isThere ? dataFolder(folder, options) : undefined
  }
  if (offline) {
    const found = await kept()
    if (found === undefined) throw notInCache(`${where}('${id}')`, revision, cacheDir)
    return found
  }
  const hub = await Hub.of({ where, kind: 'dataset', id }, options)
  let commit: string
  try {
    commit = await hub.commitOf(revision)
  } catch (error) {
    options.signal?.throwIfAborted()
    const found = error instanceof StateError ? await kept() : undefined
    if (found !== undefined) return found
    throw error
  }
  const entries = await hub.filesAt(commit)
  const readme = entries.get('README.md')
  const card = readme && (await readFile(await hub.fetchInto(cached, commit, readme), 'utf8'))
  const found = dataFiles([...entries.keys()], card, hub.page, options)
  for (const [name, files] of found.splits)
    if (split === undefined || split === name)
      for (const file of files) await hub.fetchInto(cached, commit, entries.get(file) as HubFile)
  await cached.remember(revision, commit)
  return { ...found, splits: under(cached.snapshot(commit), found.splits) }
}
