/**
 * What is read from a file is checked before anyValue believes it. A check is a function that gives the value as what
 * it is, or throws; checks are put together like the types that they stand for:
 *
 * @example
 * const checkTrial = object({ id: whole(), values: record(anyValue), scores: list(real), status: oneOf('done', 'cut') })
 * const trial = checked(checkTrial, JSON.parse(text), 'search.json: trials[0]') // typed
 */
import { FormatError } from './errors.ts'

/** @param at where the value is, for errors. */
export type Check<T> = (value: unknown, at: string) => T

/** What a check gives. */
export type Checked<C> = C extends Check<infer T> ? T : never

/** The value, as the check says. @throws FormatError naming the place that is not as it should be. */
export const checked = <T>(check: Check<T>, value: unknown, where: string): T => check(value, where)

function refuse(at: string, expected: string, value: unknown): never {
  const shown =
    typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'an object') : undefined
  throw new FormatError({
    where: at.slice(0, 400),
    expected,
    received: (shown ?? JSON.stringify(value) ?? String(value)).slice(0, 200),
    fix: 'The file is damaged, was edited, or belongs to something else.',
  })
}

export const anyValue: Check<unknown> = (value) => value

/** Any number, NaN and the infinities too. */
export const real: Check<number> = (value, at) =>
  typeof value === 'number' ? value : refuse(at, 'a number', value)

/** A whole number from `min` (default 0) to `max`. */
export const whole =
  (min = 0, max = Number.MAX_SAFE_INTEGER): Check<number> =>
  (value, at) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : refuse(
          at,
          max === Number.MAX_SAFE_INTEGER
            ? `a whole number of at least ${min}`
            : `a whole number from ${min} to ${max}`,
          value,
        )

export const text: Check<string> = (value, at) =>
  typeof value === 'string' ? value : refuse(at, 'a text', value)

export const nothing: Check<null> = (value, at) => (value === null ? null : refuse(at, 'null', value))

export const flag: Check<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : refuse(at, 'true or false', value)

export const oneOf =
  <const T extends readonly (string | number)[]>(...values: T): Check<T[number]> =>
  (value, at) =>
    values.includes(value as T[number])
      ? (value as T[number])
      : refuse(at, `one of ${values.map((one) => JSON.stringify(one)).join(', ')}`, value)

export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, at) =>
    value === null ? null : check(value, at)

export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value, at) =>
    value === undefined ? undefined : check(value, at)

export const either =
  <A, B>(first: Check<A>, second: Check<B>): Check<A | B> =>
  (value, at) => {
    try {
      return first(value, at)
    } catch {
      return second(value, at)
    }
  }

/** @param length how many there have to be; default any number. */
export const list =
  <T>(check: Check<T>, length?: number): Check<T[]> =>
  (value, at) =>
    Array.isArray(value) && (length === undefined || value.length === length)
      ? value.map((item, i) => check(item, `${at}[${i}]`))
      : refuse(at, length === undefined ? 'a list' : `a list of ${length}`, value)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Values of one kind by any names. */
export const record =
  <T>(check: Check<T>): Check<Record<string, T>> =>
  (value, at) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, check(item, `${at}.${key}`)]))
      : refuse(at, 'an object', value)

/** An object with these members and no others. */
export const object =
  <C extends Readonly<Record<string, Check<unknown>>>>(checks: C): Check<{ [K in keyof C]: Checked<C[K]> }> =>
  (value, at) => {
    if (!isObject(value)) return refuse(at, `an object of ${Object.keys(checks).join(', ')}`, value)
    const odd = Object.keys(value).find((key) => !Object.hasOwn(checks, key))
    if (odd !== undefined) refuse(`${at}.${odd}`, `${Object.keys(checks).join(', ')} and no more`, value[odd])
    const entries = Object.entries(checks).map(([key, check]) => [key, check(value[key], `${at}.${key}`)])
    // Each member is what its check gives.
    return Object.fromEntries(entries) as { [K in keyof C]: Checked<C[K]> }
  }
