import type { Random } from './random.ts'

/** What a kernel's cases differ in: sizes, thresholds, flags, each with all values that are to be tried. */
export type Dimensions<T> = { readonly [Name in keyof T]: readonly T[Name][] }

/** All others at random, but for what is given. */
function drawn<T extends object>(dimensions: Dimensions<T>, random: Random, given: Partial<T>): T {
  const names = Object.keys(dimensions) as (keyof T)[]
  const values = names.map((name) => [name, random.pick(dimensions[name])])
  return { ...(Object.fromEntries(values) as T), ...given }
}

/** Each value of each dimension at least once, beside values of the others at random. */
export function* singles<T extends object>(dimensions: Dimensions<T>, random: Random): Iterable<T> {
  for (const name of Object.keys(dimensions) as (keyof T)[])
    for (const value of dimensions[name])
      yield drawn(dimensions, random, { [name]: value } as unknown as Partial<T>)
}

/** Each pair of values of two dimensions at least once, beside values of the others at random. */
export function* pairs<T extends object>(dimensions: Dimensions<T>, random: Random): Iterable<T> {
  const names = Object.keys(dimensions) as (keyof T)[]
  for (const [i, first] of names.entries())
    for (const second of names.slice(i + 1))
      for (const a of dimensions[first])
        for (const b of dimensions[second])
          yield drawn(dimensions, random, { [first]: a, [second]: b } as unknown as Partial<T>)
}

/** Values of all dimensions at random, without an end. */
export function* endless<T extends object>(dimensions: Dimensions<T>, random: Random): Iterable<T> {
  while (true) yield drawn(dimensions, random, {})
}

/** `from`, `from` + 1, … `to` */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** Each of the numbers, and those `reach` around it. */
export const around = (reach: number, ...numbers: readonly number[]): number[] => [
  ...new Set(numbers.flatMap((n) => range(Math.max(0, n - reach), n + reach))),
]
