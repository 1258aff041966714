import type { Source } from './source.ts'

/** What can be bound to a statement: it never becomes text of SQL. */
export type Bound = null | boolean | number | bigint | string | Date | Uint8Array

/** A part of a statement. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly value: Bound }
  /** A column of the rows that the statement reads. */
  | { readonly kind: 'column'; readonly name: string }
  /** What is read: files or rows in memory. */
  | { readonly kind: 'source'; readonly source: Source }

/** An identifier in quotes. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A text in quotes, for the few places where SQL takes no parameter. */
export const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`
