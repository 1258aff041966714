import { readFile } from 'node:fs/promises'
import { FormatError } from 'typegrad/core'

/** The object that a file holds. @throws FormatError for no file, and one that is no JSON. */
export async function readJsonFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const refused = (received: string, cause?: unknown): FormatError =>
    new FormatError({ where: path, expected: 'the file of a model of a table', received }, { cause })
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw refused((cause as Error).message, cause)
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw refused(`text that is not JSON (${(cause as Error).message})`, cause)
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Readonly<Record<string, unknown>>
  throw refused('JSON that is no object')
}
