import type { Variable } from '../tensor/variable.ts'

/** The names of variables, with a number where two share one: `kernel`, `kernel#1`. */
export function distinctNames(variables: readonly Variable[]): string[] {
  const counts = new Map<string, number>()
  return variables.map(({ name }) => {
    const count = counts.get(name) ?? 0
    counts.set(name, count + 1)
    return count === 0 ? name : `${name}#${count}`
  })
}
