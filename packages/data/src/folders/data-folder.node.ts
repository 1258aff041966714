import { readdir, readFile, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ArgumentError, FormatError } from 'typegrad/core'
import type { Features } from '../features/feature.ts'
import { featuresOfPython } from '../features/python-features.ts'
import { type Card, type CardConfig, cardOf } from './card.ts'
import { matchesPattern } from './glob.ts'
import { grouped, type SplitFiles, splitsOfNames } from './splits.ts'

/** Which files a data set is read from. */
export interface DataFolder {
  /** Whole paths. */
  readonly splits: SplitFiles
  /** What the folder says of all files; undefined where the files say it. */
  readonly features: Features | undefined
}

export interface DataFolderOptions {
  readonly config?: string | undefined
  readonly dataFiles?:
    | string
    | readonly string[]
    | Readonly<Record<string, string | readonly string[]>>
    | undefined
}

const extension = /\.(parquet|jsonl|ndjson|json|csv|tsv|arrow|feather|txt)(\.gz)?$/i
/** Files beside the data. */
const beside =
  /(^|\/)(dataset_infos?|dataset_dict|state|dummy|config)\.json$|(^|\/)(requirements|licen[cs]e|readme)\.txt$/i

/**
 * Looks at a folder: one that `save_to_disk` wrote, one whose card names the files, or one whose names tell; or at one file.
 *
 * @throws ArgumentError for a folder that is not there and a config that it does not have; FormatError where there are no data
 * files.
 */
export async function dataFolder(path: string, options: DataFolderOptions): Promise<DataFolder> {
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
  const files = (await readdir(path, { recursive: true, encoding: 'utf8' }))
    .map((file) => file.split(sep).join('/'))
    .filter((file) => extension.test(file) && !beside.test(file))
    .sort()
  const card = names.includes('README.md')
    ? cardOf(await readFile(join(path, 'README.md'), 'utf8'), join(path, 'README.md'))
    : undefined
  const config = configOf(card, options.config, path)
  const splits =
    options.dataFiles === undefined ? splitsOf(files, config, path) : givenSplits(files, options, path)
  if (splits.size === 0)
    throw new FormatError({
      where: path,
      expected: 'files of Parquet, Arrow, JSON, CSV or text',
      received: files.length === 0 ? 'none' : files.slice(0, 20).join(', '),
    })
  return {
    splits: new Map([...splits].map(([split, all]) => [split, all.map((file) => join(path, file))])),
    features: card?.featuresOf(config?.name ?? 'default'),
  }
}

function configOf(card: Card | undefined, name: string | undefined, path: string): CardConfig | undefined {
  const configs = card?.configs ?? []
  if (name === undefined && configs.length < 2) return configs[0]
  const chosen =
    name === undefined
      ? (configs.find(({ isDefault }) => isDefault) ?? configs.find((one) => one.name === 'default'))
      : configs.find((one) => one.name === name)
  if (chosen !== undefined) return chosen
  throw new ArgumentError({
    where: `loadDataset('${path}'): config`,
    expected:
      configs.length === 0
        ? 'no config: the card names none'
        : `one of ${configs.map((one) => one.name).join(', ')}`,
    received: name === undefined ? 'none' : `'${name}'`,
  })
}

/** @throws FormatError for patterns of the card that match nothing. */
function splitsOf(files: readonly string[], config: CardConfig | undefined, path: string): SplitFiles {
  const dir = config?.dataDir?.replace(/^\.?\/|\/$/g, '')
  const inside = dir === undefined || dir === '' ? files : files.filter((file) => file.startsWith(`${dir}/`))
  if (config?.dataFiles !== undefined) return matched(files, config.dataFiles, `${path}: README.md`)
  return splitsOfNames(inside)
}

function givenSplits(
  files: readonly string[],
  { dataFiles = [] }: DataFolderOptions,
  path: string,
): SplitFiles {
  const bySplit: Readonly<Record<string, string | readonly string[]>> =
    typeof dataFiles === 'string' || isList(dataFiles) ? { train: dataFiles } : dataFiles
  const patterns = new Map(
    Object.entries(bySplit).map(
      ([split, some]) => [split, typeof some === 'string' ? [some] : some] as const,
    ),
  )
  return matched(files, patterns, `loadDataset('${path}'): dataFiles`)
}

const isList = (value: unknown): value is readonly string[] => Array.isArray(value)

function matched(
  files: readonly string[],
  patterns: ReadonlyMap<string, readonly string[]>,
  where: string,
): SplitFiles {
  const pairs: (readonly [string, string])[] = []
  for (const [split, some] of patterns)
    for (const pattern of some) {
      const found = files.filter((file) => matchesPattern(file, pattern))
      if (found.length === 0)
        throw new FormatError({
          where: `${where}: ${split}`,
          expected: `files that match '${pattern}'`,
          received: files.length === 0 ? 'none' : `only ${files.slice(0, 20).join(', ')}`,
        })
      pairs.push(...found.map((file) => [split, file] as const))
    }
  return grouped(pairs)
}

/** A DatasetDict that `save_to_disk` wrote. */
async function savedSplits(path: string): Promise<DataFolder> {
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
async function savedSplit(path: string, split: string): Promise<DataFolder> {
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
