import { ArgumentError, UnknownNameError } from '../base/errors.ts'
import { nearestName } from '../base/nearest-name.ts'

/** A list in the order of a model's outputs, or by the outputs' names. */
export type PerOutput<T> = readonly (T | null)[] | Readonly<Record<string, T>>

/**
 * What each output was given.
 *
 * @throws ArgumentError for a list of another length, UnknownNameError for a name that no output has.
 */
export function perOutput<T>(
  where: string,
  given: PerOutput<T> | undefined,
  names: readonly string[],
): (T | undefined)[] {
  if (given === undefined) return names.map(() => undefined)
  if (Array.isArray(given)) {
    const list = given as readonly (T | null)[]
    if (list.length !== names.length) {
      throw new ArgumentError({
        where,
        expected: `one for each of the ${names.length} outputs (${names.join(', ')})`,
        received: `a list of ${list.length}`,
        fix: 'Give null to an output that has none, or go by the names of the outputs.',
      })
    }
    return list.map((item) => item ?? undefined)
  }
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    const near = nearestName(name, names)
    throw new UnknownNameError({
      where,
      expected: `names of outputs (${names.join(', ')})`,
      received: `'${name}'`,
      ...(near === undefined ? {} : { fix: `Did you mean '${near}'?` }),
    })
  }
  return names.map((name) => (given as Readonly<Record<string, T>>)[name])
}
