import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { ArgumentError } from 'typegrad/core'
import { textOf } from './rows.ts'

const jsonLines = new Set(['.jsonl', '.ndjson'])
const endings = new Set(['.txt', '.md', ...jsonLines])

/** Files as they are given, and those of folders in the order of their names. @throws ArgumentError for what is not there. */
export async function listTextFiles(paths: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = []
  const lists = paths.map(async (path): Promise<readonly string[]> => {
    const found = await stat(path).catch(() => undefined)
    if (found === undefined) missing.push(path)
    if (found?.isDirectory() !== true) return [path]
    const names = await readdir(path, { recursive: true })
    return names
      .filter((name) => endings.has(extname(name).toLowerCase()))
      .sort()
      .map((name) => join(path, name))
  })
  const files = (await Promise.all(lists)).flat()
  if (missing.length === 0 && files.length > 0) return files
  throw new ArgumentError({
    where: 'textFiles',
    expected: `files, or folders with files that end in ${[...endings].join(', ')}`,
    received:
      missing.length > 0
        ? `${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not there`
        : 'none',
  })
}

export interface ReadDocumentsOptions {
  readonly field: string
  readonly documents: 'file' | 'line' | 'paragraph'
}

/** The documents of one file. */
export async function* readDocuments(
  file: string,
  { field, documents }: ReadDocumentsOptions,
): AsyncGenerator<string, void> {
  const isJson = jsonLines.has(extname(file).toLowerCase())
  if (!isJson && documents === 'file') {
    yield await readFile(file, 'utf8')
    return
  }
  let lines: string[] = []
  let number = 0
  for await (const line of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1
    const isEmpty = line.trim() === ''
    if (isJson || documents === 'line') {
      if (!isEmpty) yield isJson ? textOf(line, { field, where: `${file}: line ${number}` }) : line
    } else if (!isEmpty) lines.push(line)
    else if (lines.length > 0) {
      yield lines.join('\n')
      lines = []
    }
  }
  if (lines.length > 0) yield lines.join('\n')
}
