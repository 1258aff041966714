import { feature } from '../features/feature.ts'
import type { FileFormat, StoredRow } from './data-file.ts'
import { linesOf } from './lines.node.ts'

/** Text: a row for each line, with the column `text`. */
export const text: FileFormat = {
  name: 'text',
  open: async (path) => ({
    path,
    features: { text: feature.value('string') },
    columns: ['text'],
    rows: () => rowsOf(path),
  }),
}

async function* rowsOf(path: string): AsyncGenerator<StoredRow> {
  for await (const line of linesOf(path)) yield { values: { text: line.text }, place: `line ${line.number}` }
}
