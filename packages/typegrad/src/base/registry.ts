import { describe } from './describe.ts'
import { UnknownNameError } from './errors.ts'
import { nearestName } from './nearest-name.ts'
import { findRegistered } from './registered.ts'
import { withSavedOptions } from './saved-options.ts'
import { isSerialized, type SerializedObject } from './serialization.ts'

/** Names of things of one kind, in camelCase, and what they stand for. */
export type Table<T> = Readonly<Record<string, T>>

/** Other names for entries of a table: `{ mse: 'meanSquaredError' }`. */
export type Aliases = Readonly<Record<string, string>>

/** What all spellings of a name have in common: letters and digits. */
export const plainName = (name: string): string => name.replace(/[^A-Za-z0-9]/g, '').toLowerCase()

const indices = new WeakMap<Table<unknown>, Map<string, string>>()

function indexOf(table: Table<unknown>, aliases: Aliases): Map<string, string> {
  let index = indices.get(table)
  if (index === undefined) {
    index = new Map(Object.keys(table).map((name) => [plainName(name), name]))
    for (const [alias, name] of Object.entries(aliases)) index.set(plainName(alias), name)
    indices.set(table, index)
  }
  return index
}

/**
 * The table's own spelling of a name that may be written as Keras does (`mean_squared_error`), as its class
 * (`MeanSquaredError`), in camelCase, or be an alias.
 *
 * @param kind what is looked for, as an error names it: `loss`, `optimizer`.
 * @throws UnknownNameError with the nearest known name.
 */
export function canonicalName<K extends string>(
  kind: string,
  name: string,
  table: Readonly<Record<K, unknown>>,
  aliases: Aliases = {},
): K {
  if (typeof name !== 'string') throw noName(kind, name)
  const found = indexOf(table, aliases).get(plainName(name))
  if (found !== undefined) return found as K
  const known = Object.keys(table)
  const near = nearestName(name, [...known, ...Object.keys(aliases)])
  throw new UnknownNameError({
    where: kind,
    expected: `one of ${known.join(', ')}`,
    received: JSON.stringify(name),
    ...(near === undefined ? {} : { fix: `Did you mean '${near}'?` }),
  })
}

/** What is neither a name nor what one stands for. */
const noName = (kind: string, value: unknown): UnknownNameError =>
  new UnknownNameError({
    where: kind,
    expected: `a name, or the ${kind} itself`,
    received: describe(value),
    ...(typeof value === 'function' && value.name !== ''
      ? { fix: `Call the function: ${value.name}().` }
      : {}),
  })

/** What a name stands for, in any spelling that {@link canonicalName} takes. */
export const lookup = <T>(kind: string, name: string, table: Table<T>, aliases: Aliases = {}): T =>
  table[canonicalName(kind, name, table, aliases)] as T

/** Makes an object from options. `never`: each factory knows its own options, the table only that it has some. */
export type Factory<T> = ((options: never) => T) & {
  /** Options in which null is a choice, and not one that was left open, with what it says there. */
  readonly nullMeans?: Readonly<Record<string, unknown>>
}

/**
 * The object that a name or a saved configuration describes, of the table's or one that a package has registered. A name gives it its default options; options
 * that are null in a configuration, as Keras writes those that are not set, count as absent unless null means something.
 */
export function make<T>(
  kind: string,
  identifier: string | SerializedObject,
  table: Table<Factory<T>>,
  aliases: Aliases = {},
): T {
  const isName = typeof identifier === 'string'
  if (!isName && (!isSerialized(identifier) || identifier.config === null)) throw noName(kind, identifier)
  const own = findRegistered(kind, identifier)?.make
  if (own !== undefined) {
    // What is registered for a kind is of that kind: `register` is typed by it.
    return own(isName ? {} : withoutNulls(identifier.config, {})) as T
  }
  if (isName) return lookup(kind, identifier, table, aliases)({} as never)
  const { className, config } = identifier
  const factory = lookup(kind, className, table, aliases)
  const options = withoutNulls(config, factory.nullMeans ?? {})
  // A configuration is what a file holds, another library's too.
  return withSavedOptions(() => factory(options as never))
}

const withoutNulls = (
  config: Readonly<Record<string, unknown>>,
  nullMeans: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) =>
      value != null ? [[name, value]] : Object.hasOwn(nullMeans, name) ? [[name, nullMeans[name]]] : [],
    ),
  )
