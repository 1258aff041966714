/**
 * `metrics/`: how good texts, labels and rankings are, in the numbers that the field's own scripts give (sacreBLEU, rouge-score,
 * seqeval, SQuAD's): plain functions on strings and labels, and classes that gather example by example. It knows `base/` and
 * typegrad's doors.
 */

/** What Python's `str.split()` and `str.strip()` take for a space: more and less than JavaScript's `\s`. */
const space = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const spaces = new RegExp(`${space}+`)
const leading = new RegExp(`^${space}+`)
const trailing = new RegExp(`${space}+$`)

/** The words between spaces, as Python's `str.split()`. */
export const wordsOf = (text: string): string[] => text.split(spaces).filter((word) => word !== '')

/** Without spaces at its end, as Python's `str.rstrip()`. */
export const withoutEnd = (text: string): string => text.replace(trailing, '')

/** Without spaces around it, as Python's `str.strip()`. */
export const stripped = (text: string): string => withoutEnd(text).replace(leading, '')

/** What Python's `string.punctuation` holds: all of ASCII that is neither letter, digit nor space. */
export const asciiPunctuation: ReadonlySet<string> = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')
