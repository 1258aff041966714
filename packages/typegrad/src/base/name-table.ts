/**
 * Tables whose rows are for names: exactly, or by a pattern. `*` stands for one part of a name, up to the next `.` or `/`,
 * and `**` for any text; what they stood for are the captures, in their order. These are not the patterns of `glob.ts`:
 * names in files may have `?` and braces and are parted by dots, too, and what a star stood for goes into other names, so
 * that it is never nothing.
 *
 * @example
 * const find = nameTable({ 'h.*.ln.weight': 'gamma', bias: 'beta' })
 * find('h.11.ln.weight') // { key: 'h.*.ln.weight', value: 'gamma', captures: ['11'] }
 * find('h.11.ln.bias')   // undefined
 */
import { ArgumentError } from './errors.ts'

export interface FoundRow<T> {
  /** The row's name or pattern. */
  readonly key: string
  readonly value: T
  readonly captures: readonly string[]
}

const star = /\*\*?/g

/** A function that finds a name's row: the one that is exactly so, or else the first whose pattern fits. */
export function nameTable<T>(rows: Readonly<Record<string, T>>): (name: string) => FoundRow<T> | undefined {
  const patterns = Object.entries(rows)
    .filter(([key]) => key.includes('*'))
    .map(([key, value]) => ({ key, value, regExp: patternOf(key) }))
  return (name) => {
    if (Object.hasOwn(rows, name) && !name.includes('*'))
      return { key: name, value: rows[name] as T, captures: [] }
    for (const { key, value, regExp } of patterns) {
      const match = regExp.exec(name)
      if (match !== null) return { key, value, captures: match.slice(1) }
    }
    return undefined
  }
}

function patternOf(pattern: string): RegExp {
  const escaped = pattern.split(star).map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const groups = (pattern.match(star) ?? []).map((one) => (one === '*' ? '([^./]+)' : '(.+)'))
  return new RegExp(`^${escaped.map((text, i) => text + (groups[i] ?? '')).join('')}$`, 's')
}

/**
 * A pattern with its stars replaced, one after the other.
 *
 * @throws ArgumentError if there are more stars than captures.
 */
export function filledIn(pattern: string, captures: readonly string[], where: string): string {
  let next = 0
  return pattern.replace(star, () => {
    const capture = captures[next++]
    if (capture !== undefined) return capture
    throw new ArgumentError({
      where,
      expected: `at most ${captures.length} stars in ${JSON.stringify(pattern)}, as many as its row's name has`,
      received: String(pattern.match(star)?.length ?? 0),
    })
  })
}
