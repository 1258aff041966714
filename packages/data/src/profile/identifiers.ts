import type { ColumnProfile } from './profile-types.ts'

/** So many pairs of equal values chance would make: where there is none, it is that with less than one chance in a hundred. */
const expectedPairs = 5

/** Texts of more code points than this, on average, are prose. */
const longestName = 40

const saysSo = /(^|[^a-z])(id|uuid|guid|key|no|nr|number|code|index)$/i
const camel = /[a-z](Id|ID|Key|No|Nr|Number|Code|Index)$/

/**
 * Whether a column names its rows: short texts that are different in nearly every row, and whole numbers that are different in every
 * row though they are close together, or are called so. Amounts are different as well where they spread widely, or come again where
 * they do not: of n values drawn by chance from a range of r, n (n − 1) / 2r pairs are equal (the birthday problem).
 */
export function isIdentifier(
  { name, missing, distinct, kind, type, min, max, length }: ColumnProfile,
  rows: number,
): boolean {
  const present = rows - missing
  if (rows < 50 || present === 0 || distinct < 0.95 * present) return false
  if (kind === 'text') return (length?.mean ?? 0) <= longestName
  if (kind !== 'number' || !/int/.test(type)) return false
  if (saysSo.test(name) || camel.test(name)) return true
  const range = (max ?? 0) - (min ?? 0) + 1
  return (present * (present - 1)) / (2 * range) >= expectedPairs
}
