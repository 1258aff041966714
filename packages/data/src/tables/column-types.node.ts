import {
  ARRAY,
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBArrayType,
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  FLOAT,
  HUGEINT,
  INTEGER,
  LIST,
  SMALLINT,
  STRUCT,
  TIME,
  TIMESTAMP,
  TIMESTAMP_MS,
  TIMESTAMP_NS,
  TIMESTAMP_S,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api'
import { ArgumentError } from 'typegrad/core'
import { type Feature, type Features, feature } from '../features/feature.ts'

/** DuckDB's types without parts, and what features call them. Its own that features lack keep their names, in small letters. */
const plain: Readonly<Partial<Record<DuckDBTypeId, string>>> = {
  [DuckDBTypeId.BOOLEAN]: 'bool',
  [DuckDBTypeId.TINYINT]: 'int8',
  [DuckDBTypeId.SMALLINT]: 'int16',
  [DuckDBTypeId.INTEGER]: 'int32',
  [DuckDBTypeId.BIGINT]: 'int64',
  [DuckDBTypeId.UTINYINT]: 'uint8',
  [DuckDBTypeId.USMALLINT]: 'uint16',
  [DuckDBTypeId.UINTEGER]: 'uint32',
  [DuckDBTypeId.UBIGINT]: 'uint64',
  [DuckDBTypeId.FLOAT]: 'float32',
  [DuckDBTypeId.DOUBLE]: 'float64',
  [DuckDBTypeId.VARCHAR]: 'string',
  [DuckDBTypeId.ENUM]: 'string',
  [DuckDBTypeId.BLOB]: 'binary',
  [DuckDBTypeId.DATE]: 'date32',
  [DuckDBTypeId.TIME]: 'time64[us]',
  [DuckDBTypeId.TIME_NS]: 'time64[ns]',
  [DuckDBTypeId.TIMESTAMP]: 'timestamp[us]',
  [DuckDBTypeId.TIMESTAMP_S]: 'timestamp[s]',
  [DuckDBTypeId.TIMESTAMP_MS]: 'timestamp[ms]',
  [DuckDBTypeId.TIMESTAMP_NS]: 'timestamp[ns]',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamp[us, tz=UTC]',
  [DuckDBTypeId.SQLNULL]: 'null',
}

/** What a column of a query holds. */
export function featureOf(type: DuckDBType): Feature {
  if (type instanceof DuckDBDecimalType) return feature.value(`decimal128(${type.width}, ${type.scale})`)
  if (type instanceof DuckDBListType) return feature.list(featureOf(type.valueType))
  if (type instanceof DuckDBArrayType) return feature.list(featureOf(type.valueType), type.length)
  if (type instanceof DuckDBStructType)
    return feature.struct(
      Object.fromEntries(
        type.entryNames.map((name, i) => [name, featureOf(type.entryTypes[i] as DuckDBType)]),
      ),
    )
  // Entries in their order, as Arrow has maps.
  if (type instanceof DuckDBMapType)
    return feature.list(feature.struct({ key: featureOf(type.keyType), value: featureOf(type.valueType) }))
  // JSON is text by another name.
  if (type.alias === 'JSON') return feature.value('json')
  return feature.value(plain[type.typeId] ?? type.toString().toLowerCase())
}

const byDtype: Readonly<Record<string, DuckDBType>> = {
  bool: BOOLEAN,
  int8: TINYINT,
  int16: SMALLINT,
  int32: INTEGER,
  int64: BIGINT,
  uint8: UTINYINT,
  uint16: USMALLINT,
  uint32: UINTEGER,
  uint64: UBIGINT,
  hugeint: HUGEINT,
  float16: FLOAT,
  float32: FLOAT,
  float64: DOUBLE,
  double: DOUBLE,
  string: VARCHAR,
  large_string: VARCHAR,
  string_view: VARCHAR,
  utf8: VARCHAR,
  json: VARCHAR,
  binary: BLOB,
  large_binary: BLOB,
  binary_view: BLOB,
  date32: DATE,
  date64: DATE,
  null: VARCHAR,
}

/** The type of DuckDB that holds what a feature says. @throws ArgumentError for a feature that no table holds. */
export function typeOfFeature(of: Feature, where: string): DuckDBType {
  switch (of.kind) {
    case 'list':
      return of.length === undefined
        ? LIST(typeOfFeature(of.items, where))
        : ARRAY(typeOfFeature(of.items, where), of.length)
    case 'struct':
      return STRUCT(typesOfFeatures(of.fields, where))
    case 'classLabel':
      return INTEGER
    case 'image':
    case 'audio':
      return STRUCT({ bytes: BLOB, path: VARCHAR })
    case 'array':
      return of.shape.reduceRight<DuckDBType>((inner) => LIST(inner), typeOfDtype(of.dtype, where))
    case 'value':
      return typeOfDtype(of.dtype, where)
  }
}

export const typesOfFeatures = (features: Features, where: string): Record<string, DuckDBType> =>
  Object.fromEntries(
    Object.entries(features).map(([name, of]) => [name, typeOfFeature(of, `${where}: ${name}`)]),
  )

function typeOfDtype(dtype: string, where: string): DuckDBType {
  const found = Object.hasOwn(byDtype, dtype) ? byDtype[dtype] : undefined
  if (found !== undefined) return found
  const decimal = /^decimal(?:128)?\((\d+),\s*(\d+)\)$/.exec(dtype)
  if (decimal !== null && Number(decimal[1]) <= 38) return DECIMAL(Number(decimal[1]), Number(decimal[2]))
  if (/^timestamp\[\w+, ?tz=/.test(dtype)) return TIMESTAMPTZ
  const timestamp = /^timestamp\[(s|ms|us|ns)\]$/.exec(dtype)?.[1]
  if (timestamp !== undefined)
    return { s: TIMESTAMP_S, ms: TIMESTAMP_MS, us: TIMESTAMP, ns: TIMESTAMP_NS }[timestamp] as DuckDBType
  if (dtype.startsWith('time')) return TIME
  throw new ArgumentError({
    where,
    expected: `a type that tables have: ${Object.keys(byDtype).join(', ')}, decimal128(p, s), time64[us], timestamp[us], timestamp[us, tz=UTC]`,
    received: `'${dtype}'`,
  })
}
