import { FormatError } from 'typegrad/core'
import type { LabelledSample } from '../options.ts'
import { iob2 } from './words.ts'

/**
 * Spans as CoNLL-2003 has them: a word and its label a line (IOB2), an empty line behind each text.
 *
 * Of its four columns that are the first and the last; those between (parts of speech) are left out, as is usual. A class with
 * a space in its name gets a hyphen there.
 */
export function conllOf(labelled: readonly LabelledSample<'spans'>[]): string {
  return labelled
    .map(({ text = '', value }) => {
      const { tokens, labels } = iob2(text, value)
      return tokens.map((word, i) => `${word} ${(labels[i] as string).replaceAll(/\s+/g, '-')}\n`).join('')
    })
    .filter((lines) => lines !== '')
    .map((lines) => `${lines}\n`)
    .join('')
}

/** A text in words, with a label for each, as `finetune`'s token classification takes it. */
export interface ConllRow {
  readonly tokens: readonly string[]
  readonly labels: readonly string[]
}

/**
 * The rows of a file in CoNLL's form: a word first and its label last on each line, columns apart by spaces or tabs, texts
 * by empty lines; lines of `-DOCSTART-` are skipped.
 *
 * @throws FormatError naming the line that has no label.
 * @example
 * readConll('Ada B-PER\nlives O\n\n') // [{ tokens: ['Ada', 'lives'], labels: ['B-PER', 'O'] }]
 */
export function readConll(text: string): readonly ConllRow[] {
  const rows: { tokens: string[]; labels: string[] }[] = []
  let row: { tokens: string[]; labels: string[] } | undefined
  for (const [i, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const columns = line.split(/[ \t]+/).filter((column) => column !== '')
    const [word, label] = [columns[0], columns.at(-1)]
    if (word === undefined || label === undefined || word === '-DOCSTART-') {
      row = undefined
      continue
    }
    if (columns.length < 2)
      throw new FormatError({
        where: `readConll, line ${i + 1}`,
        expected: 'a word and its label',
        received: line,
      })
    if (row === undefined) {
      row = { tokens: [], labels: [] }
      rows.push(row)
    }
    row.tokens.push(word)
    row.labels.push(label)
  }
  return rows
}
