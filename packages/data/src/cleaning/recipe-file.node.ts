import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FormatError } from 'typegrad/core'
import { sealed, unsealed, writeFileAtomically } from 'typegrad/formats'
import type { SavedRecipe } from './saved-recipe.ts'
import { isRecord } from './step.ts'

/** Writes a recipe with a checksum of its content, whole or not at all. */
export async function saveRecipe(path: string, saved: SavedRecipe): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFileAtomically(path, [JSON.stringify(sealed({ ...saved })), '\n'])
}

/** The content of a recipe's file. @throws FormatError for no file, one that is no JSON, and one that is damaged. */
export async function loadRecipeFile(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new FormatError(
      { where: path, expected: 'the file of a fitted recipe', received: (cause as Error).message },
      { cause },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new FormatError(
      {
        where: path,
        expected: 'a fitted recipe as JSON',
        received: `text that is not JSON (${(cause as Error).message})`,
        fix: 'The file is damaged: restore it from a copy, or fit the recipe again.',
      },
      { cause },
    )
  }
  return isRecord(json) ? unsealed({ ...json }, path) : json
}
