/** Files of each split, by the split's name; train, validation and test first. */
export type SplitFiles = ReadonlyMap<string, readonly string[]>

const keywords = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'dev', 'val'],
  test: ['test', 'testing', 'eval', 'evaluation'],
} as const
const standard = ['train', 'validation', 'test'] as const

/** What separates words in names of files and folders. */
const separators = '[-._ 0-9]'

const patternOf = (split: keyof typeof keywords, end: string): RegExp =>
  new RegExp(`^(?:.*${separators})?(?:${keywords[split].join('|')})${end}`)
/** A folder's whole name ends with the word, or a separator follows. */
const folderPatterns = standard.map((split) => [split, patternOf(split, `(?:${separators}.*)?$`)] as const)
/** In a file's name there is one always: its extension follows. */
const filePatterns = standard.map((split) => [split, patternOf(split, separators)] as const)

const sharded = /^data\/([^/]+)-\d{5}-of-\d{5}[^/]*\.[^/]*$/

/**
 * The splits of files by their names, as Python's datasets finds them
 * (https://huggingface.co/docs/hub/datasets-file-names-and-splits): `data/<split>-00000-of-00002.*` first; else folders that are
 * named as splits; else files that are; else all is `train`.
 *
 * @param files paths from the folder on, with slashes.
 */
export function splitsOfNames(files: readonly string[]): SplitFiles {
  const visible = files.filter((file) => !file.split('/').some((part) => /^(\.|__)/.test(part))).sort()
  const shards = visible.flatMap((file) => {
    const split = sharded.exec(file)?.[1]
    return split === undefined ? [] : [[split, file] as const]
  })
  if (shards.length > 0) return grouped(shards)
  const byFolder = visible.flatMap((file) =>
    splitsOf(file.split('/').slice(0, -1), folderPatterns).map((split) => [split, file] as const),
  )
  if (byFolder.length > 0) return grouped(byFolder)
  const byName = visible.flatMap((file) =>
    splitsOf(file.split('/').slice(-1), filePatterns).map((split) => [split, file] as const),
  )
  if (byName.length > 0) return grouped(byName)
  return grouped(visible.map((file) => ['train', file] as const))
}

const splitsOf = (
  parts: readonly string[],
  patterns: readonly (readonly [string, RegExp])[],
): readonly string[] =>
  patterns.filter(([, pattern]) => parts.some((part) => pattern.test(part))).map(([split]) => split)

/** Splits in order: those that all know, then others by name. */
export function grouped(pairs: readonly (readonly [split: string, file: string])[]): SplitFiles {
  const rank = (split: string): number => [...standard, split].indexOf(split)
  const names = [...new Set(pairs.map(([split]) => split))].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
  )
  return new Map(
    names.map((name) => [name, pairs.filter(([split]) => split === name).map(([, file]) => file)]),
  )
}
