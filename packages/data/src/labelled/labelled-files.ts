import { ArgumentError, DataError } from 'typegrad/core'
import type { DirectoryOptions, Subset } from './options.ts'
import { RandomState } from './random-state.ts'

/** A file's bytes, whatever keeps them: browsers have `File`s, Node has files that are opened when they are read. */
export interface FoundFile {
  /** Its path, or in a browser its place below the chosen folder. */
  readonly path: string
  /** The bytes, where there is no path that could be opened. */
  readonly open?: () => Promise<Blob>
}

/** Files in order, with a label each, and the classes that labels count. */
export interface LabelledFiles {
  readonly files: readonly FoundFile[]
  /** null where there are none. */
  readonly labels: readonly number[] | null
  /** null where there are no labels. */
  readonly classNames: readonly string[] | null
}

/** What a folder holds: its folders by name, and files anywhere below one of them or, for `''`, below the whole. */
export interface Directory {
  readonly name: string
  /** Names of the folders right in it, without those whose names begin with a dot, in order. */
  folders(): Promise<readonly string[]>
  /** Files below one of its folders that end as they should, in order. */
  files(folder: string): Promise<readonly FoundFile[]>
}

/** Strings in the order of their code points, which is Python's. */
export function byCodePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)]
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/**
 * The files of a folder with their labels, in the order of Keras's `index_directory`, mixed as NumPy's `RandomState(seed)`
 * does it.
 *
 * @throws ArgumentError for classes that there are not and labels that do not fit the files; DataError for a folder without
 * files.
 */
export async function labelledFiles(
  where: string,
  directory: Directory,
  formats: readonly string[],
  options: DirectoryOptions,
): Promise<LabelledFiles> {
  const { labels = 'inferred', classNames, shuffle = true, seed = 0 } = options
  const isLabelled = labels !== null && options.labelMode !== null
  const isInferred = labels === 'inferred'
  const folders = isInferred && isLabelled ? await chosenFolders(where, directory, classNames) : ['']
  const found: FoundFile[] = []
  const inferred: number[] = []
  for (const [label, folder] of folders.entries()) {
    for (const file of await directory.files(folder)) {
      found.push(file)
      inferred.push(label)
    }
  }
  if (found.length === 0)
    throw new DataError({
      where: `${where}: ${directory.name}`,
      expected: `files that end in ${formats.join(', ')}`,
      received: folders.length === 0 ? 'a folder without folders' : 'none',
      ...(isInferred &&
        isLabelled && { fix: 'Files stand in folders that are classes; without these say labels: null.' }),
    })
  const kept = isInferred ? inferred : labels
  if (isLabelled && kept?.length !== found.length)
    throw new ArgumentError({
      where: `${where}: labels`,
      expected: `a label for each of ${found.length} files in ${directory.name}`,
      received: `${kept?.length}`,
    })
  const mixed = <T>(items: readonly T[]): readonly T[] =>
    shuffle ? new RandomState(seed).shuffled(items) : items
  const given = isLabelled ? (kept as readonly number[]) : null
  const names = isInferred ? folders : [...new Set(given)].sort((a, b) => a - b).map(String)
  return {
    files: mixed(found),
    labels: given === null ? null : mixed(given),
    classNames: given === null ? null : names,
  }
}

async function chosenFolders(
  where: string,
  directory: Directory,
  classNames: readonly string[] | undefined,
): Promise<readonly string[]> {
  const there = await directory.folders()
  if (classNames === undefined) return there
  const unknown = classNames.find((name, i) => !there.includes(name) || classNames.indexOf(name) !== i)
  if (unknown !== undefined || classNames.length === 0)
    throw new ArgumentError({
      where: `${where}: classNames`,
      expected: `names of folders of ${directory.name}, each once: ${there.join(', ')}`,
      received: unknown === undefined ? 'none' : `'${unknown}'`,
    })
  return classNames
}

/** The last files are those for validation, as Keras has it. @throws DataError for a part without files. */
export function subsetOf(
  where: string,
  all: LabelledFiles,
  validationSplit: number | undefined,
  subset: Exclude<Subset, 'both'> | undefined,
): LabelledFiles {
  if (validationSplit === undefined || subset === undefined) return all
  const held = Math.trunc(validationSplit * all.files.length)
  const border = all.files.length - held
  const part = <T>(items: readonly T[]): readonly T[] =>
    subset === 'training' ? items.slice(0, border) : items.slice(border)
  if (held === 0 || border === 0)
    throw new DataError({
      where: `${where}: validationSplit`,
      expected: `a share of ${all.files.length} files that leaves at least one for each part`,
      received: `${validationSplit}, which is ${held}`,
    })
  return {
    files: part(all.files),
    labels: all.labels === null ? null : part(all.labels),
    classNames: all.classNames,
  }
}
