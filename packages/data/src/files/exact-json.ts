/** Whole numbers of sixteen digits and more may be beyond what a number holds exactly. */
const long = /\d{16}/
/** A text, or a number. */
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const mark = '\u0000int:'

/**
 * JSON as `JSON.parse` reads it, with whole numbers beyond 2⁵³ as bigint: ids are such numbers, and would become others.
 *
 * @throws SyntaxError for what is no JSON.
 */
export function parseExactJson(text: string): unknown {
  if (!long.test(text)) return JSON.parse(text)
  const marked = text.replace(token, (found) =>
    /^-?\d{16,}$/.test(found) && !Number.isSafeInteger(Number(found)) ? JSON.stringify(mark + found) : found,
  )
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  )
}
