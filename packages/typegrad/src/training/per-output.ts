import { describe } from '../base/describe.ts'
import { ArgumentError } from '../base/errors.ts'
import { checkNames, isRecord } from '../base/structured.ts'

/** A list in the order of a model's outputs, or by the outputs' names. */
export type PerOutput<T> = readonly (T | null)[] | Readonly<Record<string, T | null>>

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
  if (!isRecord(given)) {
    throw new ArgumentError({
      where,
      expected: 'one, a list in the order of the outputs, or an object by their names',
      received: describe(given),
    })
  }
  checkNames(where, 'outputs', given, names)
  return names.map((name) => (given as Readonly<Record<string, T | null>>)[name] ?? undefined)
}
