import type { Table as ArrowTable } from '@uwdata/flechette'
import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type Feature, type Features, feature } from '../features/feature.ts'
import { limitChecks } from './read-options.ts'
import type { ColumnBatch, LoadedSource, TableLimits } from './source.ts'
import { Table } from './table.ts'
import { checkNames } from './union.ts'
import { joined } from './united-features.ts'

export interface TableFromOptions extends TableLimits {
  /** Types of columns, by names that features have. Default what the values are: whole numbers are int64, others float64, Date is a timestamp. */
  readonly types?: Readonly<Record<string, string>>
}

const fromChecks = optionsOf<TableFromOptions>()({ types: checks.anything, ...limitChecks })

/** Columns of values by name. */
export type ColumnValues = Readonly<Record<string, ArrayLike<unknown>>>

type RowOfColumns<C extends ColumnValues> = {
  [K in keyof C]: C[K] extends ArrayLike<infer T> ? T : never
}

let made = 0

/**
 * A table of what is in memory: rows, columns, or Arrow (the bytes of a stream or file, or a table of @uwdata/flechette). What the
 * arrays hold is looked at now and copied into DuckDB when the table is first read.
 *
 * @throws DataError for a column that holds now this and now that; ArgumentError for columns of different lengths, or none.
 * @example
 * const people = await tableFrom([{ name: 'Ada', age: 36 }, { name: 'Alan', age: null }])
 * const points = await tableFrom({ x: new Float32Array(100), label: labels })
 */
export function tableFrom<Row extends object>(
  rows: readonly Row[],
  options?: TableFromOptions,
): Promise<Table<Row>>
export function tableFrom<Row extends object>(
  arrow: Uint8Array | ArrowTable,
  options?: TableFromOptions,
): Promise<Table<Row>>
export function tableFrom<C extends ColumnValues>(
  columns: C,
  options?: TableFromOptions,
): Promise<Table<RowOfColumns<C>>>
export async function tableFrom(given: unknown, options: TableFromOptions = {}): Promise<Table<object>> {
  checkOptions('tableFrom', options, fromChecks)
  const { types = {}, ...limits } = options
  const { features, batches } = await sourceOf(given, types)
  const names = Object.keys(features)
  if (names.length === 0)
    throw new ArgumentError({
      where: 'tableFrom',
      expected: 'rows with columns, or columns',
      received: 'none',
      fix: "For a table without rows, give its columns: tableFrom({ age: [] }, { types: { age: 'int64' } }).",
    })
  checkNames('tableFrom', names, 'Rename one of them.')
  const source: LoadedSource = { kind: 'loaded', name: `typegrad ${++made}`, features, batches }
  return new Table<object>({
    query: [{ kind: 'source', source }],
    columns: names,
    limits,
    isOrdered: true,
  })
}

type Loaded = Pick<LoadedSource, 'features' | 'batches'>

async function sourceOf(given: unknown, types: Readonly<Record<string, string>>): Promise<Loaded> {
  if (Array.isArray(given)) return ofRows(given, types)
  if (given instanceof Uint8Array || isArrow(given)) {
    const { loadedArrow } = await import('./arrow-table.node.ts')
    return loadedArrow(given)
  }
  if (typeof given === 'object' && given !== null) return ofColumns(given as ColumnValues, types)
  throw new ArgumentError({
    where: 'tableFrom',
    expected: 'an array of rows, an object of columns, or Arrow',
    received: given === null ? 'null' : typeof given,
  })
}

const isArrow = (value: unknown): value is ArrowTable =>
  typeof value === 'object' && value !== null && 'schema' in value && 'getChild' in value

/** Rows that are made into columns at a time. */
const batchRows = 1 << 14

function ofRows(rows: readonly unknown[], types: Readonly<Record<string, string>>): Loaded {
  const found = new Map<string, Feature>()
  rows.forEach((row, i) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new DataError({
        where: `tableFrom: row ${i}`,
        expected: 'an object with columns',
        received: row === null ? 'null' : Array.isArray(row) ? 'an array' : typeof row,
      })
    for (const [name, value] of Object.entries(row)) see(found, name, value, `row ${i}`, types)
  })
  const names = [...found.keys()]
  return {
    features: told(found, types),
    *batches(): Generator<ColumnBatch> {
      for (let start = 0; start < rows.length; start += batchRows) {
        const part = rows.slice(start, start + batchRows) as readonly Readonly<Record<string, unknown>>[]
        yield { rows: part.length, columns: names.map((name) => part.map((row) => row[name])) }
      }
    },
  }
}

function ofColumns(columns: ColumnValues, types: Readonly<Record<string, string>>): Loaded {
  const entries = Object.entries(columns)
  const found = new Map<string, Feature>()
  const rows = entries[0]?.[1].length ?? 0
  for (const [name, values] of entries) {
    if (typeof values !== 'object' || values === null || typeof values.length !== 'number')
      throw new ArgumentError({
        where: `tableFrom: ${name}`,
        expected: 'an array of values',
        received: typeof values,
      })
    if (values.length !== rows)
      throw new ArgumentError({
        where: 'tableFrom',
        expected: `columns of one length: ${rows}, as ${entries[0]?.[0]} has`,
        received: `${values.length} values of ${name}`,
      })
    const dtype = dtypeOfArray(values)
    if (dtype !== undefined) found.set(name, feature.value(dtype))
    else {
      found.set(name, feature.value('null'))
      for (let i = 0; i < rows; i++) see(found, name, values[i], `row ${i}`, types)
    }
  }
  return {
    features: told(found, types),
    batches: () => [{ rows, columns: entries.map(([, values]) => values) }],
  }
}

const arrays: readonly (readonly [abstract new (...args: never[]) => ArrayLike<unknown>, string])[] = [
  [Int8Array, 'int8'],
  [Int16Array, 'int16'],
  [Int32Array, 'int32'],
  [BigInt64Array, 'int64'],
  [Uint8Array, 'uint8'],
  [Uint8ClampedArray, 'uint8'],
  [Uint16Array, 'uint16'],
  [Uint32Array, 'uint32'],
  [BigUint64Array, 'uint64'],
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
]

const dtypeOfArray = (values: ArrayLike<unknown>): string | undefined =>
  arrays.find(([of]) => values instanceof of)?.[1]

function see(
  found: Map<string, Feature>,
  name: string,
  value: unknown,
  where: string,
  types: Readonly<Record<string, string>>,
): void {
  const known = found.get(name)
  if (value === null || value === undefined) {
    if (known === undefined) found.set(name, feature.value('null'))
    return
  }
  if (known?.kind === 'value' && isPlainly(known.dtype, value)) return
  if (types[name] !== undefined) {
    found.set(name, feature.value(types[name]))
    return
  }
  const now = ofValue(value, `tableFrom: ${where}: ${name}`)
  const both = known === undefined ? now : joined(known, now)
  if (both === undefined)
    throw new DataError({
      where: `tableFrom: ${where}: ${name}`,
      expected: `${known?.kind === 'value' ? known.dtype : known?.kind}, as in the rows before it`,
      received: now.kind === 'value' ? now.dtype : now.kind,
    })
  found.set(name, both)
}

/** Whether a value is what its column has been so far: most are. */
function isPlainly(dtype: string, value: unknown): boolean {
  if (dtype === 'float64') return typeof value === 'number'
  if (dtype === 'string') return typeof value === 'string'
  if (dtype === 'bool') return typeof value === 'boolean'
  return dtype === 'int64' && Number.isSafeInteger(value)
}

function ofValue(value: unknown, where: string): Feature {
  if (value === null || value === undefined) return feature.value('null')
  if (typeof value === 'boolean') return feature.value('bool')
  if (typeof value === 'string') return feature.value('string')
  if (typeof value === 'number') return feature.value(Number.isSafeInteger(value) ? 'int64' : 'float64')
  if (typeof value === 'bigint')
    return feature.value(BigInt.asIntN(64, value) === value ? 'int64' : 'hugeint')
  if (value instanceof Date) return feature.value('timestamp[us]')
  if (value instanceof Uint8Array) return feature.value('binary')
  const dtype = ArrayBuffer.isView(value) ? dtypeOfArray(value as unknown as ArrayLike<unknown>) : undefined
  if (dtype !== undefined) return feature.list(feature.value(dtype))
  if (Array.isArray(value)) {
    let items: Feature = feature.value('null')
    for (const item of value) {
      const both = joined(items, ofValue(item, where))
      if (both === undefined)
        throw new DataError({ where, expected: 'a list of one kind', received: 'several kinds' })
      items = both
    }
    return feature.list(items)
  }
  if (typeof value === 'object')
    return feature.struct(
      Object.fromEntries(
        Object.entries(value).map(([field, of]) => [field, ofValue(of, `${where}.${field}`)]),
      ),
    )
  throw new DataError({
    where,
    expected: 'null, booleans, numbers, bigint, texts, Date, Uint8Array, arrays or objects of these',
    received: typeof value,
  })
}

const told = (found: ReadonlyMap<string, Feature>, types: Readonly<Record<string, string>>): Features =>
  Object.fromEntries(
    [...found].map(([name, of]) => [name, types[name] === undefined ? of : feature.value(types[name])]),
  )
