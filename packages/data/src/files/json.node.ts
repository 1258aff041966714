import { FormatError } from 'typegrad/core'
import type { Features } from '../features/feature.ts'
import { Conflict, FeaturesOfJson } from '../features/inferred-features.ts'
import type { DataFile, FileFormat, FileOptions, StoredRow } from './data-file.ts'
import { parseExactJson } from './exact-json.ts'
import { linesOf, textOf } from './lines.node.ts'

/**
 * JSON: an object a line (JSON Lines), or one array of objects, which may stand in a field of an object (`field`). Lines are read
 * one after another; an array is in memory as a whole.
 */
export const json: FileFormat = { name: 'JSON', open: openJson, infer: inferJson }

async function openJson(path: string, { field }: FileOptions): Promise<DataFile> {
  const isWhole = field !== undefined || (await firstCharacter(path)) === '['
  return {
    path,
    features: undefined,
    columns: undefined,
    rows: (columns) => chosen(isWhole ? itemsOf(path, field) : objectsOf(path), columns),
  }
}

async function firstCharacter(path: string): Promise<string | undefined> {
  for await (const { text } of linesOf(path)) {
    const found = text.trim()[0]
    if (found !== undefined) return found
  }
  return undefined
}

async function* chosen(
  rows: AsyncIterable<StoredRow>,
  columns: readonly string[] | undefined,
): AsyncGenerator<StoredRow> {
  if (columns === undefined) yield* rows
  else
    for await (const { values, place } of rows)
      yield { values: Object.fromEntries(columns.map((name) => [name, values[name]])), place }
}

async function* objectsOf(path: string): AsyncGenerator<StoredRow> {
  for await (const { text, number } of linesOf(path)) {
    if (text.trim() === '') continue
    const place = `line ${number}`
    let value: unknown
    try {
      value = parseExactJson(text)
    } catch (cause) {
      throw new FormatError(
        { where: `${path}: ${place}`, expected: 'an object of JSON', received: (cause as Error).message },
        { cause },
      )
    }
    yield { values: objectAt(value, path, place), place }
  }
}

async function* itemsOf(path: string, field: string | undefined): AsyncGenerator<StoredRow> {
  const text = await textOf(path)
  let parsed: unknown
  try {
    parsed = parseExactJson(text)
  } catch (cause) {
    throw new FormatError({ where: path, expected: 'JSON', received: (cause as Error).message }, { cause })
  }
  const items = field === undefined ? parsed : (parsed as Readonly<Record<string, unknown>> | null)?.[field]
  if (!Array.isArray(items)) {
    throw new FormatError({
      where: path,
      expected: field === undefined ? 'an array of objects' : `an array of objects under '${field}'`,
      received: items === undefined ? `an object with ${Object.keys(parsed ?? {}).join(', ')}` : typeof items,
    })
  }
  for (const [i, item] of items.entries()) {
    const place = `item ${i}`
    yield { values: objectAt(item, path, place), place }
  }
}

function objectAt(value: unknown, path: string, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>
  throw new FormatError({
    where: `${path}: ${place}`,
    expected: 'an object of JSON',
    received: (JSON.stringify(value) ?? '').slice(0, 80),
  })
}

async function inferJson(files: readonly DataFile[], most: number): Promise<Features> {
  const seen = new FeaturesOfJson()
  let count = 0
  for (const file of files)
    for await (const { values, place } of file.rows()) {
      try {
        seen.see(values)
      } catch (error) {
        if (!(error instanceof Conflict)) throw error
        throw new FormatError({
          where: `${file.path}: ${place}: ${error.column}`,
          expected: `${error.first}, as before`,
          received: error.second,
          fix: 'A column has one type: change the file.',
        })
      }
      count += 1
      if (count === most) return seen.features
    }
  return seen.features
}
