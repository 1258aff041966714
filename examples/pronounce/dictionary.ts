/**
 * `pronounce/`: the parts of `examples/pronounce.ts`: the dictionary, a tokenizer of letters and phonemes, rules to compare with,
 * and how pronunciations are judged. It knows typegrad as any program does.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type NpmPackage, npmFolder } from '../../tools/npm-package.ts'

/** A word, and how it is spoken: phonemes with a blank between them, `K AE1 T`. Some words have several ways. */
export interface Entry {
  readonly word: string
  readonly pronunciations: readonly string[]
}

/** The dictionary is Carnegie Mellon's (BSD-2-Clause), the package ISC. */
const source: NpmPackage = {
  what: 'The dictionary',
  name: 'cmu-pronouncing-dictionary',
  version: '3.0.0',
  hash: 'ca16ac157e95277ffe1ca105a5ca2c833a15626024f15711c2a425da367b68ce',
  size: '1 MB',
}

/**
 * CMUdict's words of letters alone, 39 phonemes whose vowels are marked with their stress. The first call fetches 1 MB by npm.
 *
 * @param file a JSON file in its place, such as the few words of `examples/data/pronunciations.json`.
 * @throws Error with a sentence where it cannot be fetched, or is not what it was.
 */
export async function loadDictionary(file?: string): Promise<readonly Entry[]> {
  if (file !== undefined) return entriesOf(JSON.parse(await readFile(file, 'utf8')))
  const { dictionary }: { dictionary: Readonly<Record<string, string>> } = await import(
    pathToFileURL(join(await npmFolder(source), 'index.js')).href
  )
  return entriesOf(dictionary)
}

/** @param dictionary with further pronunciations as `read(2)`. */
export function entriesOf(dictionary: Readonly<Record<string, string>>): readonly Entry[] {
  const byWord = new Map<string, string[]>()
  for (const [name, spoken] of Object.entries(dictionary)) {
    const word = name.replace(/\(\d+\)$/, '')
    // Not abbreviations with points, and no genitives, which would give their word away.
    if (!/^[a-z]{2,}$/.test(word)) continue
    // A few entries have a comment behind the phonemes.
    const phonemes = spoken.replace(/\s*#.*$/, '')
    byWord.set(word, [...(byWord.get(word) ?? []), phonemes])
  }
  return Array.from(byWord, ([word, pronunciations]) => ({ word, pronunciations }))
}

/** The letters of a word as the tokenizer reads them: `c a t`. */
export const spelled = (word: string): string => [...word].join(' ')

/** Without the marks of stress. */
export const unstressed = (phonemes: string): string => phonemes.replace(/\d/g, '')
