import { ArgumentError, UnknownNameError } from './errors.ts'
import { nearestName } from './nearest-name.ts'

/** One thing, a list of them, or several by name. */
export type Structured<T> = T | readonly T[] | Readonly<Record<string, T>>

/** How things hang together that are kept as a list: alone, as a list, or by these names, in the list's order. */
export type Structure = 'one' | 'list' | readonly string[]

/** An object that was written as one, rather than made by a class. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** Names go by the alphabet, as in Keras: in whichever order they were written, the list is the same. */
export function structureOf(value: unknown): Structure {
  if (Array.isArray(value)) return 'list'
  return isRecord(value) ? Object.keys(value).sort() : 'one'
}

/** The list of what is structured. */
export function flat<T>(value: Structured<T>): readonly T[] {
  const structure = structureOf(value)
  if (structure === 'one') return [value as T]
  if (structure === 'list') return value as readonly T[]
  return structure.map((name) => (value as Readonly<Record<string, T>>)[name] as T)
}

/** What {@link flat} has made a list of, with other members. */
export function packed<T>(structure: Structure, list: readonly T[]): Structured<T> {
  if (structure === 'list') return list
  if (structure === 'one') return list[0] as T
  return Object.fromEntries(structure.map((name, i) => [name, list[i] as T]))
}

/**
 * What a record has under names, in their order.
 *
 * @param kind what the names are of, as an error says it.
 * @throws UnknownNameError for another name, with the nearest one; ArgumentError for one that is missing.
 */
export function byNames(
  where: string,
  kind: 'inputs' | 'outputs',
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): unknown[] {
  checkNames(where, kind, record, names)
  const missing = names.filter((name) => record[name] == null)
  if (missing.length === 0) return names.map((name) => record[name])
  throw new ArgumentError({
    where,
    expected: `something for each of the ${kind} (${names.join(', ')})`,
    received: `none for ${missing.map((name) => `'${name}'`).join(', ')}`,
  })
}

/** @throws UnknownNameError for a name of a record that is none of these, with the nearest one. */
export function checkNames(
  where: string,
  kind: 'inputs' | 'outputs',
  record: object,
  names: readonly string[],
): void {
  const unknown = Object.keys(record).find((name) => !names.includes(name))
  if (unknown === undefined) return
  // Of those that are not there: what is misspelt is missing.
  const near = nearestName(
    unknown,
    names.filter((name) => !Object.hasOwn(record, name)),
  )
  throw new UnknownNameError({
    where,
    expected: `names of ${kind} (${names.join(', ')})`,
    received: `'${unknown}'`,
    ...(near === undefined ? {} : { fix: `Did you mean '${near}'?` }),
  })
}
