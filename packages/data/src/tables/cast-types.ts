import { ArgumentError } from 'typegrad/core'

/** What a column may be cast to: names of types as features have them. */
export type CastType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'string'
  | 'binary'
  | 'date32'
  | 'time64[us]'
  | 'timestamp[us]'
  | 'timestamp[us, tz=UTC]'

/** What rows hold of a column that was cast. */
export type CastValue<C extends CastType> = C extends 'bool'
  ? boolean
  : C extends 'string'
    ? string
    : C extends 'binary'
      ? Uint8Array
      : C extends 'date32' | `timestamp${string}`
        ? Date
        : C extends 'int64' | 'uint64'
          ? number | bigint
          : number

const castNames: Readonly<Record<CastType, string>> = {
  bool: 'BOOLEAN',
  int8: 'TINYINT',
  int16: 'SMALLINT',
  int32: 'INTEGER',
  int64: 'BIGINT',
  uint8: 'UTINYINT',
  uint16: 'USMALLINT',
  uint32: 'UINTEGER',
  uint64: 'UBIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  string: 'VARCHAR',
  binary: 'BLOB',
  date32: 'DATE',
  'time64[us]': 'TIME',
  'timestamp[us]': 'TIMESTAMP',
  'timestamp[us, tz=UTC]': 'TIMESTAMP WITH TIME ZONE',
}

/** DuckDB's name of a type. @throws ArgumentError for another one. */
export function castName(to: CastType): string {
  const name = Object.hasOwn(castNames, to) ? castNames[to] : undefined
  if (name !== undefined) return name
  throw new ArgumentError({
    where: 'cast',
    expected: `one of ${Object.keys(castNames).join(', ')}`,
    received: `'${to}'`,
  })
}
