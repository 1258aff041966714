import { readdir, readFile, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ArgumentError, FormatError } from 'typegrad/core'
import { featuresOfPython } from '../features/python-features.ts'
import { type DataFiles, type DataFilesOptions, dataFiles } from './data-files.ts'
import { grouped, type SplitFiles } from './splits.ts'

/**
 * Looks at a folder: one that `save_to_disk` wrote, one whose card names the files, or one whose names tell; or at one file.
 *
 * @throws ArgumentError for a folder that is not there and a config that it does not have; FormatError where there are no data
 * files.
 */
export async function dataFolder(path: string, options: DataFilesOptions): Promise<DataFiles> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined)
    throw new ArgumentError({
      where: 'loadDataset',
      expected: 'a folder, a file or the name of a data set on the hub',
      received: `'${path}', where there is nothing`,
    })
  if (found.isFile()) return { splits: grouped([['train', path]]), features: undefined }
  const names = await readdir(path)
  if (names.includes('dataset_dict.json')) return savedSplits(path)
  if (names.includes('state.json')) return savedSplit(path, 'train')
  const files = (await readdir(path, { recursive: true, encoding: 'utf8' })).map((file) =>
    file.split(sep).join('/'),
  )
  const card = names.includes('README.md') ? await readFile(join(path, 'README.md'), 'utf8') : undefined
  const { splits, features } = dataFiles(files, card, path, options)
  return { splits: under(path, splits), features }
}

/** Whole paths of files in a folder. */
export const under = (path: string, splits: SplitFiles): SplitFiles =>
  new Map([...splits].map(([split, files]) => [split, files.map((file) => join(path, file))]))

/** A DatasetDict that `save_to_disk` wrote. */
async function savedSplits(path: string): Promise<DataFiles> {
  const file = join(path, 'dataset_dict.json')
  const { splits } = (await readJson(file)) as { splits?: unknown }
  if (!Array.isArray(splits) || splits.length === 0)
    throw new FormatError({
      where: file,
      expected: 'names of splits',
      received: JSON.stringify(splits) ?? 'none',
    })
  const all = await Promise.all(
    splits.map(String).map((name) => savedSplit(join(path, inFolder(name, file)), name)),
  )
  const pairs = all.flatMap((one) =>
    [...one.splits].flatMap(([split, files]) => files.map((each) => [split, each] as const)),
  )
  return { splits: grouped(pairs), features: all[0]?.features }
}

/** A Dataset that `save_to_disk` wrote. */
async function savedSplit(path: string, split: string): Promise<DataFiles> {
  const state = (await readJson(join(path, 'state.json'))) as {
    _data_files?: readonly { filename?: unknown }[]
    _split?: unknown
  }
  const files = state._data_files?.map(({ filename }) => String(filename)) ?? []
  if (files.length === 0)
    throw new FormatError({
      where: join(path, 'state.json'),
      expected: '_data_files with names',
      received: JSON.stringify(state._data_files) ?? 'none',
    })
  const infoFile = join(path, 'dataset_info.json')
  const { features } = (await readJson(infoFile)) as { features?: unknown }
  const name = split === 'train' && typeof state._split === 'string' ? state._split : split
  return {
    splits: grouped(files.map((file) => [name, join(path, inFolder(file, path))] as const)),
    features: features === undefined || features === null ? undefined : featuresOfPython(features, infoFile),
  }
}

/** @throws FormatError for a name that leads out of the folder. */
function inFolder(name: string, where: string): string {
  if (name !== '' && !/(^|[/\\])\.\.([/\\]|$)|^[/\\]|^\w:/.test(name)) return name
  throw new FormatError({ where, expected: 'names of files in this folder', received: `'${name}'` })
}

async function readJson(path: string): Promise<object> {
  let parsed: unknown
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new FormatError(
      { where: path, expected: 'a file of JSON', received: (cause as Error).message },
      { cause },
    )
  }
  if (typeof parsed === 'object' && parsed !== null) return parsed
  throw new FormatError({ where: path, expected: 'an object of JSON', received: String(parsed) })
}
