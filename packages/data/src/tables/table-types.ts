import type { Expression, Ordering } from './expression.ts'
import type { Piece } from './pieces.ts'
import type { TableLimits } from './source.ts'

/** The columns of a table as expressions, by name. */
export type Columns<Row> = { readonly [K in keyof Row & string]-?: Expression<Row[K]> }

/** Expressions by the names of the columns that they make. */
export type Expressions = Readonly<Record<string, unknown>>

/** What the columns hold that expressions make. */
export type Made<E extends Expressions> = {
  [K in keyof E]: E[K] extends Expression<infer T> ? T : Widened<E[K]>
}

type Widened<T> = T extends number ? number : T extends string ? string : T extends boolean ? boolean : T

/** Names of a row's columns; any name where TypeScript does not know them. */
export type NameOf<Row> = keyof Row & string

/** A row whose columns have other names. */
export type Renamed<Row, N extends Readonly<Record<string, string>>> = {
  [K in keyof Row as K extends keyof N ? N[K] : K]: Row[K]
}

/** The same type, as one object of columns. */
export type Flat<T> = { [K in keyof T]: T[K] }

/** By what rows are ordered: a column from its least value on, or what `ascending()` and `descending()` of expressions say. */
export type OrderKey<Row> = NameOf<Row> | Ordering | Expression

/** How a table came to be. */
export interface Plan {
  readonly query: readonly Piece[]
  readonly columns: readonly string[]
  readonly limits: TableLimits
  /** Whether its rows come in the same order each time: those of files and of memory do, those of joins and groups do not. */
  readonly isOrdered: boolean
}
