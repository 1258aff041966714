import { ArgumentError } from 'typegrad/core'

/** What a text is compared with: one reference, or several that are equally good. */
export type References = string | readonly string[]

/**
 * The references of one text as a list.
 *
 * @throws ArgumentError where there are none.
 */
export function referencesOf(where: string, references: References): readonly string[] {
  const all = typeof references === 'string' ? [references] : references
  if (all.length > 0) return all
  throw new ArgumentError({ where: `${where}: references`, expected: 'one or more', received: 'none' })
}

/**
 * Refuses lists that do not belong together.
 *
 * @throws ArgumentError for lists of different lengths, or empty ones.
 */
export function checkPaired(
  where: string,
  [name, given]: readonly [string, readonly unknown[]],
  [other, expected]: readonly [string, readonly unknown[]],
): void {
  if (given.length === expected.length && given.length > 0) return
  throw new ArgumentError({
    where,
    expected: `as many ${name} as ${other}, and at least one`,
    received: `${given.length} ${name} and ${expected.length} ${other}`,
  })
}
