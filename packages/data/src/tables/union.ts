import { ArgumentError } from 'typegrad/core'

/** A file and the columns that it has. */
export interface FileColumns {
  readonly file: string
  readonly columns: readonly string[]
}

/** DuckDB, as most databases, does not tell apart names that differ in capitals alone. */
const plain = (name: string): string => name.toLowerCase()

/** @throws ArgumentError for a name that comes twice, in any capitals. */
export function checkNames(where: string, names: readonly string[], fix: string): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const other = seen.get(plain(name))
    if (other !== undefined)
      throw new ArgumentError({
        where,
        expected: 'a name for each column (capitals make no difference)',
        received: other === name ? `'${name}' more than once` : `'${other}' and '${name}'`,
        fix,
      })
    seen.set(plain(name), name)
  }
}

/**
 * Columns of files that make one table, by name, in the order in which they come first.
 *
 * @throws ArgumentError, unless `unionByName`, for a file whose columns are others than the first one's.
 */
export function unitedColumns(files: readonly FileColumns[], unionByName: boolean): readonly string[] {
  const [first] = files
  if (first === undefined) return []
  if (!unionByName)
    for (const { file, columns } of files) {
      const lacking = first.columns.filter((name) => !columns.includes(name))
      const more = columns.filter((name) => !first.columns.includes(name))
      if (lacking.length + more.length > 0)
        throw new ArgumentError({
          where: `readTable: ${file}`,
          expected: `the columns of ${first.file}: ${first.columns.join(', ')}`,
          received: [
            ...(lacking.length > 0 ? [`none called ${lacking.join(', ')}`] : []),
            ...(more.length > 0 ? [`${more.join(', ')} as well`] : []),
          ].join(', and '),
          fix: 'unionByName: true reads them as one table, in which what a file lacks is missing.',
        })
    }
  const united = [...new Set(files.flatMap(({ columns }) => columns))]
  checkNames('readTable', united, 'Rename the columns of one of the files.')
  return united
}
