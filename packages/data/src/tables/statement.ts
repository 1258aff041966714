import { type Bound, literal, type Piece, quoted } from './pieces.ts'
import type { LoadedSource } from './source.ts'

/** A statement as DuckDB takes it, and what it reads. */
export interface Statement {
  readonly text: string
  /** Of `$typegrad1`, `$typegrad2` and so on: DuckDB then refuses parameters of another name, and those without one, in SQL of programs. */
  readonly values: readonly Bound[]
  /** Absolute paths. */
  readonly files: readonly string[]
  readonly loaded: readonly LoadedSource[]
}

/** Writes pieces out. */
export function statementOf(pieces: readonly Piece[]): Statement {
  const values: Bound[] = []
  const files = new Set<string>()
  const loaded = new Map<string, LoadedSource>()
  const written: Readonly<{ [K in Piece['kind']]: (piece: Extract<Piece, { kind: K }>) => string }> = {
    text: ({ text }) => text,
    column: ({ name }) => quoted(name),
    value: ({ value }) => {
      values.push(value)
      return `$typegrad${values.length}`
    },
    source: ({ source }) => {
      if (source.kind === 'files') {
        for (const file of source.files) files.add(file)
        return source.scan
      }
      loaded.set(source.name, source)
      return `SELECT * FROM ${quoted(source.name)}`
    },
  }
  const text = pieces.map((piece) => (written[piece.kind] as (of: Piece) => string)(piece)).join('')
  return { text, values, files: [...files], loaded: [...loaded.values()] }
}

/** The statement with its values written in, to be looked at; it is never run. */
export const shownStatement = (pieces: readonly Piece[]): string =>
  statementOf(
    pieces.map((piece) => (piece.kind === 'value' ? { kind: 'text', text: shownValue(piece.value) } : piece)),
  ).text

function shownValue(value: Bound): string {
  if (typeof value === 'string') return literal(value)
  if (value instanceof Date) return `TIMESTAMP '${value.toISOString().replace('T', ' ').replace('Z', '')}'`
  if (value instanceof Uint8Array) return `<${value.length} bytes>`
  return String(value)
}
