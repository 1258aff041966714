import { FormatError } from 'typegrad/core'
import { parse } from 'yaml'
import type { Features } from '../features/feature.ts'
import { featuresOfCard } from '../features/python-features.ts'

/** A part of a data set that is read by itself: which files are its splits. */
export interface CardConfig {
  readonly name: string
  readonly isDefault: boolean
  /** Patterns of each split; undefined where the names of files tell. */
  readonly dataFiles: ReadonlyMap<string, readonly string[]> | undefined
  /** The folder in which its files are. */
  readonly dataDir: string | undefined
}

/** What a data set's card (README.md) tells a reader of its files: https://huggingface.co/docs/hub/datasets-manual-configuration. */
export interface Card {
  readonly configs: readonly CardConfig[]
  /** Features of a config; that of a card with only one has any name. */
  featuresOf(config: string): Features | undefined
}

type Json = { readonly [name: string]: unknown }
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

/** @throws FormatError for YAML that is damaged, and for configs that cannot be. */
export function cardOf(readme: string, where: string): Card {
  const header = /^\ufeff?---\r?\n([\s\S]*?)\r?\n---\s*(\r?\n|$)/.exec(readme)?.[1] ?? ''
  let yaml: unknown
  try {
    yaml = parse(header)
  } catch (cause) {
    throw new FormatError(
      { where, expected: 'YAML between two lines of ---', received: (cause as Error).message },
      { cause },
    )
  }
  const told: Json = isObject(yaml) ? yaml : {}
  const infos = (told.dataset_info === undefined ? [] : listed(told.dataset_info)).filter(isObject)
  return {
    configs: (told.configs === undefined ? [] : listed(told.configs)).map((config) =>
      configOf(config, where),
    ),
    featuresOf: (config) => {
      const info =
        infos.find(({ config_name: name = 'default' }) => name === config) ??
        (infos.length === 1 ? infos[0] : undefined)
      return info?.features === undefined
        ? undefined
        : featuresOfCard(info.features, `${where}: dataset_info`)
    },
  }
}

function configOf(config: unknown, where: string): CardConfig {
  if (!isObject(config) || typeof config.config_name !== 'string')
    throw new FormatError({
      where: `${where}: configs`,
      expected: 'a config_name',
      received: JSON.stringify(config) ?? 'nothing',
    })
  const { config_name: name, default: isDefault, data_files: files, data_dir: dir } = config
  return {
    name,
    isDefault: isDefault === true,
    dataFiles: files === undefined ? undefined : patternsOf(files, `${where}: configs: ${name}: data_files`),
    dataDir: typeof dir === 'string' ? dir : undefined,
  }
}

/** One pattern or several of `train`, or a list of `{ split, path }`. */
function patternsOf(files: unknown, where: string): ReadonlyMap<string, readonly string[]> {
  const patterns = new Map<string, readonly string[]>()
  for (const one of listed(files)) {
    const [split, path] = isObject(one) ? [one.split, one.path] : ['train', one]
    const paths = listed(path).filter((each) => typeof each === 'string')
    if (typeof split !== 'string' || paths.length === 0)
      throw new FormatError({
        where,
        expected: 'a pattern, or { split, path }',
        received: JSON.stringify(one) ?? 'nothing',
      })
    patterns.set(split, [...(patterns.get(split) ?? []), ...paths])
  }
  return patterns
}
