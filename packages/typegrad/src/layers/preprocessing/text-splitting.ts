import { ArgumentError } from '../../base/errors.ts'

/** What is done to a text before it is split: ASCII letters made small, ASCII punctuation left out, both, or a function. */
export type Standardize =
  | 'lowerAndStripPunctuation'
  | 'lower'
  | 'stripPunctuation'
  | ((text: string) => string)

/** What a text is split into: words between ASCII spaces, characters (code points), or what a function says. */
export type Split = 'whitespace' | 'character' | ((text: string) => readonly string[])

const isAscii = /^[\0-\x7f]*$/
const punctuation = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g
const spaces = /[ \t\n\v\f\r]+/

/** As TensorFlow's `strings.lower` without an encoding: other letters than ASCII's stay. */
const lower = (text: string): string =>
  isAscii.test(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

const strip = (text: string): string => text.replace(punctuation, '')

export const standardizers: Readonly<
  Record<Exclude<Standardize, (text: string) => string>, (text: string) => string>
> = {
  lowerAndStripPunctuation: (text) => strip(lower(text)),
  lower,
  stripPunctuation: strip,
}

export const splitters: Readonly<Record<'whitespace' | 'character', (text: string) => readonly string[]>> = {
  whitespace: (text) => text.split(spaces).filter((word) => word !== ''),
  character: (text) => Array.from(text),
}

/** Widths of n-grams: all up to a number, or those of a list. @throws ArgumentError for what is none. */
export function ngramWidths(
  where: string,
  ngrams: number | readonly number[] | null | undefined,
): readonly number[] | undefined {
  if (ngrams == null) return undefined
  const widths = typeof ngrams === 'number' ? Array.from({ length: ngrams }, (_, i) => i + 1) : ngrams
  if (Array.isArray(widths) && widths.length > 0 && widths.every((n) => Number.isInteger(n) && n > 0))
    return widths
  throw new ArgumentError({
    where: `${where}: ngrams`,
    expected: 'a whole number from 1 on, or a list of such',
    received: JSON.stringify(ngrams),
  })
}
