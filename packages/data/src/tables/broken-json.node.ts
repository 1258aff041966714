import { stat } from 'node:fs/promises'
import { FormatError } from 'typegrad/core'
import { json } from '../files/json.node.ts'

/** Files that are read in JavaScript for the place of a fault: an array is in memory as a whole. */
const mostBytes = 256 * 2 ** 20

/** What is wrong with a file of JSON, and in which line; undefined for one that is too large, or packed otherwise than by gzip. */
export async function brokenJson(file: string): Promise<FormatError | undefined> {
  const { size } = await stat(file)
  if (size > mostBytes || /\.zst$/i.test(file)) return undefined
  try {
    const { rows } = await json.open(file, {})
    for await (const _ of rows()) {
      // The rows before the fault are right.
    }
  } catch (error) {
    return error instanceof FormatError ? error : undefined
  }
  return undefined
}
