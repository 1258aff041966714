import { ArgumentError } from '../base/errors.ts'
import { type FoundRow, filledIn, nameTable } from '../base/name-table.ts'
import { isRecord } from '../base/structured.ts'
import type { FileTensor, WeightRule } from './load-weights-options.ts'

/** The rules of one option of `loadWeights`, and which of its rows were used. */
export class Rules<T> {
  readonly option: string
  readonly #find: (name: string, tensor: FileTensor) => FoundRow<T> | undefined
  readonly #unused: Set<string>

  /** @throws ArgumentError for what is neither a table nor a function, and for values that are not accepted. */
  constructor(
    option: string,
    rule: WeightRule<T> | undefined,
    expected: string,
    accepts: (value: unknown) => boolean,
  ) {
    this.option = option
    const check = (value: T | undefined, name: string): void => {
      if (accepts(value)) return
      throw new ArgumentError({
        where: `loadWeights: ${option} of '${name}'`,
        expected,
        received: JSON.stringify(value) ?? String(value),
      })
    }
    if (typeof rule === 'function') {
      this.#unused = new Set()
      this.#find = (name, tensor) => {
        const value = rule(name, tensor)
        if (value === undefined) return undefined
        check(value, name)
        return { key: name, value, captures: [] }
      }
      return
    }
    const table: unknown = rule ?? {}
    if (!isRecord(table)) {
      throw new ArgumentError({
        where: `loadWeights: ${option}`,
        expected: 'a table by names of the file, or a function',
        received: JSON.stringify(table) ?? String(table),
        fix: `Write the names that it holds for: ${option}: { '**.weight': … }.`,
      })
    }
    const rows = table as Readonly<Record<string, T>>
    for (const [key, value] of Object.entries(rows)) check(value, key)
    this.#unused = new Set(Object.keys(rows))
    this.#find = nameTable(rows)
  }

  for(name: string, tensor: FileTensor): FoundRow<T> | undefined {
    const found = this.#find(name, tensor)
    if (found !== undefined) this.#unused.delete(found.key)
    return found
  }

  /** Rows that no tensor had. */
  get unused(): string[] {
    return [...this.#unused].map((key) => `${this.option}: '${key}'`)
  }

  /** A name of a row's value, with what the row's stars stood for. */
  named(pattern: string, { key, captures }: FoundRow<unknown>): string {
    return filledIn(pattern, captures, `loadWeights: ${this.option} of '${key}'`)
  }
}
