import { ArgumentError } from 'typegrad/core'
import { noColumn } from './duckdb-errors.ts'
import { Expression, expressionOf, type Ordering } from './expression.ts'
import type { Columns, Expressions } from './table-types.ts'

export const column = (name: string): Expression => new Expression([{ kind: 'column', name }])

/** The columns that names and expressions of a table's methods may mean. */
export class ColumnScope {
  readonly names: readonly string[]

  constructor(names: readonly string[]) {
    this.names = names
  }

  /** A column's name. @throws ArgumentError for one that there is not, with the nearest. */
  column(where: string, name: unknown): string {
    if (typeof name === 'string' && this.names.includes(name)) return name
    throw noColumn(`Table.${where}`, String(name), this.names)
  }

  /** What a key of `orderBy` says. */
  ordering(key: unknown): Ordering {
    const given = typeof key === 'function' ? key(this.#proxy('orderBy')) : key
    if (typeof given === 'string') return column(this.column('orderBy', given)).ascending()
    const ordering = given instanceof Expression ? given.ascending() : (given as Ordering)
    this.#check('orderBy', ordering.by)
    return ordering
  }

  /** An expression, or what a function makes of the columns. */
  expression(where: string, of: unknown): Expression {
    const given: unknown = typeof of === 'function' ? of(this.#proxy(where)) : of
    if (!(given instanceof Expression))
      throw new ArgumentError({
        where: `Table.${where}`,
        expected: 'an expression: ({ age }) => age.gt(18), or sql`age > 18`',
        received: given === null ? 'null' : typeof given,
      })
    this.#check(where, given)
    return given
  }

  /** Expressions by the names of columns that they make. */
  made(where: string, make: unknown): Expressions {
    const given: unknown = typeof make === 'function' ? make(this.#proxy(where)) : make
    if (
      typeof given !== 'object' ||
      given === null ||
      given instanceof Expression ||
      Object.keys(given).length === 0
    )
      throw new ArgumentError({
        where: `Table.${where}`,
        expected: 'an object of expressions by the names of columns: ({ a, b }) => ({ sum: a.add(b) })',
        received:
          given === null
            ? 'null'
            : given instanceof Expression
              ? 'an expression without a name'
              : typeof given,
      })
    for (const of of Object.values(given)) this.#check(where, expressionOf(of))
    return given as Expressions
  }

  #check(where: string, { pieces }: Expression): void {
    // Columns within a table that stands in the expression are that table's.
    let depth = 0
    for (const piece of pieces) {
      if (piece.kind === 'source') depth += 1
      if (piece.kind === 'column' && depth === 0) this.column(where, piece.name)
    }
  }

  #proxy(where: string): Columns<Readonly<Record<string, unknown>>> {
    return new Proxy({} as Columns<Readonly<Record<string, unknown>>>, {
      get: (_, name) => (typeof name === 'string' ? column(this.column(where, name)) : undefined),
      has: (_, name) => typeof name === 'string' && this.names.includes(name),
      ownKeys: () => [...this.names],
      getOwnPropertyDescriptor: (_, name) =>
        typeof name === 'string' && this.names.includes(name)
          ? { enumerable: true, configurable: true, value: column(name) }
          : undefined,
    })
  }
}
