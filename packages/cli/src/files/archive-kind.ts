import { readFile } from 'node:fs/promises'

/** Models that `@typegrad/tabular` keeps in archives. */
export type ArchiveKind = 'table-model' | 'recommender' | 'forecast-model'

/** What the archives of `@typegrad/tabular` call themselves. */
const kinds: ReadonlyMap<unknown, ArchiveKind> = new Map<unknown, ArchiveKind>([
  ['typegrad-table-model', 'table-model'],
  ['typegrad-recommender', 'recommender'],
  ['typegrad-forecast-model', 'forecast-model'],
])

/** What an archive holds. Of one that is damaged, or says nothing, the reader of a model of a table tells what is wrong. */
export async function kindOfArchive(path: string): Promise<ArchiveKind> {
  const { readZip } = await import('typegrad/formats')
  const bytes = await readFile(path)
  try {
    const json = readZip(bytes, path, {}, ['model.json']).get('model.json')
    const said: unknown = JSON.parse(new TextDecoder().decode(json))
    const format = typeof said === 'object' && said !== null && 'format' in said ? said.format : undefined
    return kinds.get(format) ?? 'table-model'
  } catch {
    return 'table-model'
  }
}
