import { ArgumentError, FormatError } from 'typegrad/core'
import type { Features } from '../features/feature.ts'
import { type Card, type CardConfig, cardOf } from './card.ts'
import { matchesPattern } from './glob.ts'
import { grouped, type SplitFiles, splitsOfNames } from './splits.ts'

/** Which files a data set is read from. */
export interface DataFiles {
  readonly splits: SplitFiles
  /** What is said of all files; undefined where the files say it. */
  readonly features: Features | undefined
}

export interface DataFilesOptions {
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
 * The data files among all files of a folder or repository, by what is asked for, what the card says or what names tell.
 *
 * @param all paths from the folder on, with slashes.
 * @param card the text of README.md, if there is one.
 * @param where the folder or page, for errors.
 * @throws ArgumentError for a config that there is not; FormatError where there are no data files, a pattern matches none, or a part
 * of several is missing.
 */
export function dataFiles(
  all: readonly string[],
  card: string | undefined,
  where: string,
  options: DataFilesOptions,
): DataFiles {
  const files = all.filter((file) => extension.test(file) && !beside.test(file)).sort()
  const told = card === undefined ? undefined : cardOf(card, `${where}/README.md`)
  const config = configOf(told, options.config, where)
  const splits =
    options.dataFiles === undefined ? splitsOf(files, config, where) : givenSplits(files, options, where)
  if (splits.size === 0)
    throw new FormatError({
      where,
      expected: 'files of Parquet, Arrow, JSON, CSV or text',
      received: files.length === 0 ? 'none' : files.slice(0, 20).join(', '),
    })
  for (const some of splits.values()) checkWhole(some, where)
  return { splits, features: told?.featuresOf(config?.name ?? 'default') }
}

/** That of parts that say how many they are (`-00000-of-00002`) none is missing. */
function checkWhole(files: readonly string[], where: string): void {
  const part = /^(.*)-(\d{5})-of-(\d{5})(.*)$/
  for (const file of files) {
    const [, before, , count, after] = part.exec(file) ?? []
    for (let i = 0; i < Number(count ?? 0); i++) {
      const other = `${before}-${String(i).padStart(5, '0')}-of-${count}${after}`
      // Parts that were uploaded one by one end in a checksum each.
      const isThere = files.some(
        (one) => one === other || one.startsWith(`${before}-${String(i).padStart(5, '0')}-of-`),
      )
      if (!isThere)
        throw new FormatError({ where, expected: `'${other}' beside '${file}'`, received: 'no such file' })
    }
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
  { dataFiles = [] }: DataFilesOptions,
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
