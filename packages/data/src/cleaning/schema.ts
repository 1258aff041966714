import { ArgumentError } from 'typegrad/core'
import type { ColumnType, Schema } from './frame.ts'

/** Adds a column that a step makes. @throws ArgumentError where there is one of that name. */
export function added(schema: Map<string, ColumnType>, name: string, type: ColumnType = 'number'): void {
  if (schema.has(name))
    throw new ArgumentError({
      where: 'recipe',
      expected: 'names of columns that are not there yet',
      received: `'${name}', which a step makes and the table has`,
      fix: 'Rename one of them: cleaning.rename.',
    })
  schema.set(name, type)
}

/** A schema in which some of the columns have another type. */
export function retyped(schema: Schema, columns: readonly string[], type: ColumnType): Schema {
  const made = new Map(schema)
  for (const name of columns) if (made.has(name)) made.set(name, type)
  return made
}

/** A schema in which each of some columns has become others. @throws ArgumentError for two of one name. */
export function replacedIn(
  schema: Schema,
  columns: readonly string[],
  namesOf: (name: string, i: number) => readonly string[],
): Schema {
  const made = new Map<string, ColumnType>()
  for (const [name, type] of schema) {
    const i = columns.indexOf(name)
    if (i < 0) added(made, name, type)
    else for (const one of namesOf(name, i)) added(made, one)
  }
  return made
}
