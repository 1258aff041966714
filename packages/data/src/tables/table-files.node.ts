import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { ArgumentError, FormatError } from 'typegrad/core'
import { matchesPattern } from '../folders/glob.ts'
import type { TableFormat } from './read-options.ts'

const endings: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.(csv|tsv|txt)(\.gz|\.zst)?$/i, 'csv'],
  [/\.parquet$/i, 'parquet'],
  [/\.(json|jsonl|ndjson)(\.gz|\.zst)?$/i, 'json'],
  [/\.(arrow|feather|arrows|ipc)$/i, 'arrow'],
]

/** What a file's name says it is; undefined for none of the formats that tables have. */
export const formatOfName = (path: string): TableFormat | undefined =>
  endings.find(([ending]) => ending.test(path))?.[1]

/** Files of one format. */
export interface TableFiles {
  readonly format: TableFormat
  /** Absolute, in order of their names within a folder or pattern. */
  readonly files: readonly string[]
}

/**
 * The files that a path, a folder, a pattern or a list of these stands for.
 *
 * @throws ArgumentError for what is not there, a folder without tables, files of different formats, and a link in a folder that
 * leads out of it.
 */
export async function tableFiles(
  sources: string | readonly string[],
  format: TableFormat | undefined,
): Promise<TableFiles> {
  const list = typeof sources === 'string' ? [sources] : sources
  if (list.length === 0)
    throw new ArgumentError({ where: 'readTable', expected: 'at least one file', received: 'an empty list' })
  const files: string[] = []
  for (const source of list) files.push(...(await filesOf(source, format)))
  const formats = new Map(files.map((file) => [format ?? formatOfName(file), file]))
  const [first] = formats.keys()
  if (formats.size > 1)
    throw new ArgumentError({
      where: 'readTable',
      expected: 'files of one format',
      received: [...formats].map(([name, file]) => `${file} (${name ?? 'unknown'})`).join(', '),
      fix: 'Read those of each format, and concat the tables.',
    })
  if (first === undefined)
    throw new ArgumentError({
      where: 'readTable',
      expected: 'a file whose name ends in .csv, .tsv, .parquet, .json, .jsonl or .arrow',
      received: `'${files[0]}'`,
      fix: "Say what it is: format: 'csv'.",
    })
  return { format: first, files }
}

async function filesOf(source: string, format: TableFormat | undefined): Promise<string[]> {
  if (typeof source !== 'string' || source === '')
    throw new ArgumentError({
      where: 'readTable',
      expected: 'paths of files or folders, patterns, or sql`…`',
      received: source === '' ? 'an empty path' : typeof source,
    })
  const path = resolve(source)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile()) {
    if (found.size === 0) throw emptyFile(path)
    return [path]
  }
  if (found?.isDirectory()) {
    const inside = await filesBelow(path)
    const tables = inside.filter((file) => format !== undefined || formatOfName(file) !== undefined)
    if (tables.length > 0) return tables
    throw new ArgumentError({
      where: 'readTable',
      expected: `a folder with files of ${format ?? 'CSV, Parquet, JSON or Arrow'}`,
      received: `'${source}', which has none`,
    })
  }
  if (/[*?[]/.test(source)) {
    const folder = fixedPart(path)
    const pattern = relative(folder, path).split(sep).join('/')
    const all = (await stat(folder).catch(() => undefined))?.isDirectory() ? await filesBelow(folder) : []
    const fitting = all.filter((file) => matchesPattern(relative(folder, file).split(sep).join('/'), pattern))
    if (fitting.length > 0) return fitting
  }
  throw new ArgumentError({
    where: 'readTable',
    expected: 'a file, a folder, or a pattern that some file fits',
    received: `'${source}', where there is nothing`,
  })
}

/** The folder in which a pattern begins. */
function fixedPart(pattern: string): string {
  let folder = pattern
  while (/[*?[]/.test(folder)) folder = dirname(folder)
  return folder
}

/** Files of a folder and those below it, in order of their paths; names that begin with a dot or `_` are no data. */
async function filesBelow(folder: string): Promise<string[]> {
  const root = await realpath(folder)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files: string[] = []
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    if (
      relative(folder, path)
        .split(sep)
        .some((part) => /^[._]/.test(part))
    )
      continue
    if (entry.isSymbolicLink()) {
      const target = await realpath(path).catch(() => undefined)
      if (target === undefined || !`${target}`.startsWith(root + sep))
        throw new ArgumentError({
          where: 'readTable',
          expected: `files within ${folder}`,
          received: `the link ${path}, which leads to ${target ?? 'nothing'}`,
          fix: 'Name the file itself, if it is to be read.',
        })
      if (!(await stat(path)).isFile()) continue
    } else if (!entry.isFile()) continue
    files.push(path)
  }
  return files.sort((a, b) => (a < b ? -1 : 1))
}

export const emptyFile = (path: string): FormatError =>
  new FormatError({
    where: path,
    expected: 'a table: a line with the names of columns, rows, or both',
    received: 'an empty file',
  })
