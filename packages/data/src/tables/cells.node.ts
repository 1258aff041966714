import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBDecimalValue,
  type DuckDBIntervalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  type DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  type DuckDBTimeNSValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { DataError } from 'typegrad/core'
import type { Cell } from '../features/feature.ts'

/** Makes a value of DuckDB what rows hold: as `loadDataset` has it. */
export type CellDecoder = (value: DuckDBValue) => Cell

/** Date holds so many milliseconds on both sides of 1970. */
const farthest = 8.64e15

function dateOf(milliseconds: number): Date {
  if (Math.abs(milliseconds) <= farthest) return new Date(milliseconds)
  throw new DataError({
    where: 'Table',
    expected: 'dates from -271821-04-20 to 275760-09-13, which Date can hold',
    received: `one of ${milliseconds} ms from 1970 on, or an infinite one`,
    fix: "Read it as text: cast('string').",
  })
}

/** Towards the past, as Date's own whole milliseconds. */
const milliseconds = (count: bigint, each: bigint): number =>
  Number(count >= 0n ? count / each : -((-count + each - 1n) / each))

const exact = (value: DuckDBValue): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : (value as bigint)
}

const asIs = (value: DuckDBValue): Cell => value as Cell

/** Decoders of types without parts. What is not here is handed out as DuckDB writes it. */
const plain: Readonly<Partial<Record<DuckDBTypeId, CellDecoder>>> = {
  [DuckDBTypeId.BOOLEAN]: asIs,
  [DuckDBTypeId.TINYINT]: asIs,
  [DuckDBTypeId.SMALLINT]: asIs,
  [DuckDBTypeId.INTEGER]: asIs,
  [DuckDBTypeId.UTINYINT]: asIs,
  [DuckDBTypeId.USMALLINT]: asIs,
  [DuckDBTypeId.UINTEGER]: asIs,
  [DuckDBTypeId.FLOAT]: asIs,
  [DuckDBTypeId.DOUBLE]: asIs,
  [DuckDBTypeId.VARCHAR]: asIs,
  [DuckDBTypeId.BIGINT]: exact,
  [DuckDBTypeId.UBIGINT]: exact,
  [DuckDBTypeId.HUGEINT]: exact,
  [DuckDBTypeId.UHUGEINT]: exact,
  [DuckDBTypeId.DECIMAL]: (value) => (value as DuckDBDecimalValue).toDouble(),
  [DuckDBTypeId.BLOB]: (value) => (value as DuckDBBlobValue).bytes.slice(),
  [DuckDBTypeId.DATE]: (value) => dateOf((value as DuckDBDateValue).days * 86_400_000),
  // Counted from midnight, as features have it.
  [DuckDBTypeId.TIME]: (value) => Number((value as DuckDBTimeValue).micros),
  [DuckDBTypeId.TIME_NS]: (value) => Number((value as DuckDBTimeNSValue).nanos),
  [DuckDBTypeId.TIMESTAMP]: (value) => dateOf(milliseconds((value as DuckDBTimestampValue).micros, 1000n)),
  [DuckDBTypeId.TIMESTAMP_TZ]: (value) =>
    dateOf(milliseconds((value as DuckDBTimestampTZValue).micros, 1000n)),
  [DuckDBTypeId.TIMESTAMP_S]: (value) =>
    dateOf(Number((value as DuckDBTimestampSecondsValue).seconds) * 1000),
  [DuckDBTypeId.TIMESTAMP_MS]: (value) => dateOf(Number((value as DuckDBTimestampMillisecondsValue).millis)),
  [DuckDBTypeId.TIMESTAMP_NS]: (value) =>
    dateOf(milliseconds((value as DuckDBTimestampNanosecondsValue).nanos, 1_000_000n)),
  [DuckDBTypeId.INTERVAL]: (value) => {
    const { months, days, micros } = value as DuckDBIntervalValue
    return { months, days, milliseconds: Number(micros) / 1000 }
  },
}

/** The decoder of a type. Nothing is null. */
export function decoderOfType(type: DuckDBType): CellDecoder {
  const present = presentDecoder(type)
  return (value) => (value === null ? null : present(value))
}

function presentDecoder(type: DuckDBType): CellDecoder {
  if (type instanceof DuckDBListType) {
    const item = decoderOfType(type.valueType)
    return (value) => (value as DuckDBListValue).items.map(item)
  }
  if (type instanceof DuckDBArrayType) {
    const item = decoderOfType(type.valueType)
    return (value) => (value as DuckDBArrayValue).items.map(item)
  }
  if (type instanceof DuckDBStructType) {
    const fields = type.entryNames.map(
      (name, i) => [name, decoderOfType(type.entryTypes[i] as DuckDBType)] as const,
    )
    return (value) => {
      const { entries } = value as DuckDBStructValue
      return Object.fromEntries(fields.map(([name, decode]) => [name, decode(entries[name] ?? null)]))
    }
  }
  if (type instanceof DuckDBMapType) {
    const [key, item] = [decoderOfType(type.keyType), decoderOfType(type.valueType)]
    return (value) =>
      (value as DuckDBMapValue).entries.map((entry) => ({ key: key(entry.key), value: item(entry.value) }))
  }
  if (type.typeId === DuckDBTypeId.UNION)
    return (value) => {
      const { tag, value: inner } = value as DuckDBUnionValue
      const found = (type as { typeForTag?: (tag: string) => DuckDBType }).typeForTag?.(tag)
      return found === undefined ? String(inner) : decoderOfType(found)(inner)
    }
  if (type.alias === 'JSON') return (value) => JSON.parse(String(value)) as Cell
  return plain[type.typeId] ?? String
}

/** Makes a value of JavaScript one of DuckDB's. @throws DataError for what the type cannot hold. */
export type CellEncoder = (value: unknown) => DuckDBValue

const ranges: Readonly<Partial<Record<DuckDBTypeId, readonly [bigint, bigint]>>> = {
  [DuckDBTypeId.TINYINT]: [-128n, 127n],
  [DuckDBTypeId.SMALLINT]: [-32768n, 32767n],
  [DuckDBTypeId.INTEGER]: [-(2n ** 31n), 2n ** 31n - 1n],
  [DuckDBTypeId.BIGINT]: [-(2n ** 63n), 2n ** 63n - 1n],
  [DuckDBTypeId.HUGEINT]: [-(2n ** 127n), 2n ** 127n - 1n],
  [DuckDBTypeId.UTINYINT]: [0n, 255n],
  [DuckDBTypeId.USMALLINT]: [0n, 65535n],
  [DuckDBTypeId.UINTEGER]: [0n, 2n ** 32n - 1n],
  [DuckDBTypeId.UBIGINT]: [0n, 2n ** 64n - 1n],
}

const isBig: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
])

/** The encoder of a type. null and undefined are nothing. @param where for errors: the column. */
export function encoderOfType(type: DuckDBType, where: string): CellEncoder {
  const present = presentEncoder(type, where)
  return (value) => (value === null || value === undefined ? null : present(value))
}

function presentEncoder(type: DuckDBType, where: string): CellEncoder {
  const refuse = (value: unknown): never => {
    throw new DataError({ where, expected: `values of ${type}`, received: shown(value) })
  }
  const range = ranges[type.typeId]
  if (range !== undefined) {
    const [least, most] = range
    return (value) => {
      if (typeof value === 'number' && Number.isInteger(value)) {
        if (value < least || value > most) return refuse(value)
        return isBig.has(type.typeId) ? BigInt(value) : value
      }
      if (typeof value !== 'bigint' || value < least || value > most) return refuse(value)
      return isBig.has(type.typeId) ? value : Number(value)
    }
  }
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    const item = encoderOfType(type.valueType, where)
    const isList = type instanceof DuckDBListType
    return (value) => {
      if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return refuse(value)
      const items = Array.from(value as ArrayLike<unknown>, item)
      if (!isList && items.length !== type.length) return refuse(value)
      return isList ? new DuckDBListValue(items) : new DuckDBArrayValue(items)
    }
  }
  if (type instanceof DuckDBStructType) {
    const fields = type.entryNames.map(
      (name, i) => [name, encoderOfType(type.entryTypes[i] as DuckDBType, `${where}.${name}`)] as const,
    )
    return (value) => {
      if (typeof value !== 'object' || value === null) return refuse(value)
      const cells = value as Readonly<Record<string, unknown>>
      const unknown = Object.keys(cells).find((name) => !type.entryNames.includes(name))
      if (unknown !== undefined) return refuse(value)
      return new DuckDBStructValue(
        Object.fromEntries(fields.map(([name, encode]) => [name, encode(cells[name])])),
      )
    }
  }
  const encode = plainEncoders[type.typeId]
  if (encode === undefined) return refuse
  return (value) => encode(value, type) ?? refuse(value)
}

const dateFrom = (value: unknown): number | undefined =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : undefined

const timestamp =
  <V>(make: (time: number) => V): ((value: unknown) => V | undefined) =>
  (value) => {
    const time = dateFrom(value)
    return time === undefined ? undefined : make(time)
  }

/** undefined for what the type cannot hold. */
const plainEncoders: Readonly<
  Partial<Record<DuckDBTypeId, (value: unknown, type: DuckDBType) => DuckDBValue | undefined>>
> = {
  [DuckDBTypeId.BOOLEAN]: (value) => (typeof value === 'boolean' ? value : undefined),
  [DuckDBTypeId.FLOAT]: (value) => (typeof value === 'number' ? value : undefined),
  [DuckDBTypeId.DOUBLE]: (value) =>
    typeof value === 'number'
      ? value
      : typeof value === 'bigint' && BigInt(Number(value)) === value
        ? Number(value)
        : undefined,
  [DuckDBTypeId.DECIMAL]: (value, type) => {
    if (!(type instanceof DuckDBDecimalType) || (typeof value !== 'number' && typeof value !== 'bigint'))
      return undefined
    const scaled = BigInt(Math.round(Number(value) * 10 ** type.scale))
    return new DuckDBDecimalValue(scaled, type.width, type.scale)
  },
  [DuckDBTypeId.VARCHAR]: (value) => (typeof value === 'string' ? value : undefined),
  [DuckDBTypeId.BLOB]: (value) => (value instanceof Uint8Array ? new DuckDBBlobValue(value) : undefined),
  [DuckDBTypeId.DATE]: timestamp((time) => new DuckDBDateValue(Math.floor(time / 86_400_000))),
  [DuckDBTypeId.TIME]: (value) =>
    typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
      ? new DuckDBTimeValue(BigInt(value))
      : undefined,
  [DuckDBTypeId.TIMESTAMP]: timestamp((time) => new DuckDBTimestampValue(BigInt(time) * 1000n)),
  [DuckDBTypeId.TIMESTAMP_TZ]: timestamp((time) => new DuckDBTimestampTZValue(BigInt(time) * 1000n)),
  [DuckDBTypeId.TIMESTAMP_S]: timestamp(
    (time) => new DuckDBTimestampSecondsValue(BigInt(Math.floor(time / 1000))),
  ),
  [DuckDBTypeId.TIMESTAMP_MS]: timestamp((time) => new DuckDBTimestampMillisecondsValue(BigInt(time))),
  [DuckDBTypeId.TIMESTAMP_NS]: timestamp(
    (time) => new DuckDBTimestampNanosecondsValue(BigInt(time) * 1_000_000n),
  ),
}

function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value)
  return text.length > 80 ? `${text.slice(0, 80)} …` : text
}
