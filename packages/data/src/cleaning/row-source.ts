import { ArgumentError, DataError } from 'typegrad/core'
import type { Feature, Features } from '../features/feature.ts'
import { type Column, type ColumnType, Frame, nameOfType, type Schema } from './frame.ts'
import {
  type Batch,
  type Batches,
  batchesOfRows,
  batchRows,
  inBatches,
  inColumns,
  type SourceColumns,
  type SourceRow,
  slicesOf,
} from './row-batches.ts'

/** A table that is read as batches of columns, anew for each reading, such as one that is too large for memory. */
export interface ColumnSource {
  readonly batches: () => AsyncIterable<SourceColumns> | Iterable<SourceColumns>
  /** Types of the columns, where they are known; otherwise the batches are read once more for them. */
  readonly types?: Readonly<Record<string, ColumnType>>
}

/**
 * What a recipe reads: an array of objects, columns by name, a `RowDataset`, any stream of rows, a table in batches of columns, or
 * a frame. A generator, which can be read once only, is taken into memory; a function that opens it anew is not.
 */
export type RowSource =
  | Iterable<SourceRow>
  | AsyncIterable<SourceRow>
  | (() => AsyncIterable<SourceRow> | Iterable<SourceRow>)
  | ColumnSource
  | SourceColumns
  | Frame

/** A table that can be read again and again. */
export interface OpenSource {
  /** Frames with the columns of a schema. @throws DataError for a cell of another type, with row and column. */
  frames(schema: Schema, options?: FrameOptions): AsyncGenerator<Frame, void, undefined>
  /** Names and types of the columns. @throws DataError for a table without rows. */
  schema(where: string): Promise<Schema>
}

interface FrameOptions {
  /** Who complains of what does not fit. */
  readonly where?: string
  /** Columns that the table may lack; the frame then lacks them too. */
  readonly optional?: ReadonlySet<string>
  readonly rows?: number
}

interface OpenBatches {
  readonly batches: Batches
  /** Names and types of the columns, where they need not be looked for. */
  readonly known?: () => Promise<Schema>
}

/** A source as batches of columns, which can be opened again. */
export function openSource(where: string, source: RowSource): OpenSource {
  if (source instanceof Frame)
    return {
      schema: async (asking) => withColumns(asking, source.schema),
      frames: (schema, options) => partsOf(source, schema, { where, ...options }),
    }
  const { batches, known } = batchesOf(where, source)
  return {
    schema: async (asking) => withColumns(asking, await (known?.() ?? scanned(batches))),
    async *frames(schema, { where: asking = where, optional = new Set<string>(), rows = batchRows } = {}) {
      let position = 0
      for await (const batch of batches(rows, [...schema.keys()])) {
        const frame = frameOf(batch, schema, position, asking, optional)
        position += frame.length
        yield frame
        await turn()
      }
    },
  }
}

function withColumns(where: string, schema: Schema): Schema {
  if (schema.size > 0) return schema
  throw new DataError({ where, expected: 'rows to fit to', received: 'a table without any' })
}

/** The rows of a frame a part at a time. Columns of the schema's type are as they have to be. */
async function* partsOf(
  source: Frame,
  schema: Schema,
  { where = '', optional = new Set<string>(), rows = batchRows }: FrameOptions,
): AsyncGenerator<Frame, void, undefined> {
  refuseLacking(
    schema,
    (name) => source.has(name),
    where,
    optional,
    () => source.names,
  )
  for (let start = 0; start < source.length; start += rows) {
    const part = source.part(start, Math.min(source.length, start + rows))
    const made = new Map<string, Column>()
    for (const [name, type] of schema) {
      const column = part.columns.get(name)
      if (column === undefined) continue
      const isAsItIs = column.type === type && type !== 'empty'
      made.set(name, isAsItIs ? column : columnOf(part.cells(name), type, { name, position: start, where }))
    }
    yield new Frame(made, part.length, start)
    await turn()
  }
}

function batchesOf(where: string, source: Exclude<RowSource, Frame>): OpenBatches {
  if (typeof source === 'function') return { batches: (rows, wanted) => inBatches(source(), rows, wanted) }
  if (typeof source !== 'object' || source === null)
    throw new ArgumentError({
      where,
      expected: 'rows (an array of objects, a RowDataset, a stream), or columns by name',
      received: source === null ? 'null' : typeof source,
    })
  if (Symbol.asyncIterator in source || Symbol.iterator in source) {
    const rows = source as AsyncIterable<SourceRow> | Iterable<SourceRow>
    const { features } = source as { readonly features?: Features | (() => Features | Promise<Features>) }
    // A table looks at its files for them.
    const known =
      typeof features === 'function'
        ? async () => schemaOf(await features.call(source))
        : features && (async () => schemaOf(features))
    return { batches: batchesOfRows(rows), ...(known !== undefined && { known }) }
  }
  if ('batches' in source && typeof source.batches === 'function') {
    const { batches, types } = source as ColumnSource
    return {
      batches: () => inColumns(batches()),
      ...(types !== undefined && { known: async () => new Map(Object.entries(types)) }),
    }
  }
  const columns = source as SourceColumns
  const lengths = new Set(Object.entries(columns).map(([name, values]) => lengthOf(where, name, values)))
  if (lengths.size > 1)
    throw new DataError({
      where,
      expected: 'columns of one length',
      received: Object.entries(columns)
        .map(([name, { length }]) => `'${name}' with ${length}`)
        .join(', '),
    })
  return { batches: (rows) => slicesOf(columns, [...lengths][0] ?? 0, rows) }
}

function lengthOf(where: string, name: string, values: ArrayLike<unknown>): number {
  if (Array.isArray(values) || ArrayBuffer.isView(values)) return values.length
  throw new ArgumentError({
    where: `${where}: '${name}'`,
    expected: 'an array of cells',
    received: values === null ? 'null' : typeof values,
    fix: 'One row is an array of one object: [row].',
  })
}

const isMissing = (cell: unknown): boolean => cell === null || cell === undefined || Number.isNaN(cell)

/** The type of a cell that is not missing. */
export function typeOf(cell: unknown): ColumnType {
  if (typeof cell === 'number' || typeof cell === 'bigint') return 'number'
  if (typeof cell === 'string') return 'text'
  if (typeof cell === 'boolean') return 'boolean'
  return cell instanceof Date ? 'date' : 'other'
}

async function scanned(batches: Batches): Promise<Schema> {
  const types = new Map<string, ColumnType>()
  for await (const { columns } of batches()) {
    for (const [name, values] of Object.entries(columns)) {
      let type = types.get(name) ?? 'empty'
      for (let row = 0; row < values.length && type !== 'mixed'; row++) {
        const cell = values[row]
        if (isMissing(cell)) continue
        const found = typeOf(cell)
        if (type === 'empty') type = found
        else if (type !== found) type = 'mixed'
      }
      types.set(name, type)
    }
    await turn()
  }
  return types
}

/** What features tell of types; those of a map without features are looked at instead. */
const schemaOf = (features: Features): Schema =>
  new Map(Object.entries(features).map(([name, feature]) => [name, typeOfFeature(feature)]))

function typeOfFeature(feature: Feature): ColumnType {
  if (feature.kind === 'classLabel') return 'number'
  if (feature.kind !== 'value') return 'other'
  const { dtype } = feature
  if (dtype === 'bool') return 'boolean'
  if (dtype === 'null') return 'empty'
  if (/^(large_)?string$/.test(dtype)) return 'text'
  if (/^(date|timestamp)/.test(dtype)) return 'date'
  return /^(u?int|float|decimal)/.test(dtype) ? 'number' : 'other'
}

function frameOf(
  { length, columns, names }: Batch,
  schema: Schema,
  position: number,
  where: string,
  optional: ReadonlySet<string>,
): Frame {
  refuseLacking(schema, (name) => Object.hasOwn(columns, name), where, optional, names)
  const made = new Map<string, Column>()
  for (const [name, type] of schema) {
    const cells = Object.hasOwn(columns, name) ? columns[name] : undefined
    if (cells !== undefined) made.set(name, columnOf(cells, type, { name, position, where }))
  }
  return new Frame(made, length, position)
}

/** @throws DataError for a table that lacks columns, other than those that it may. */
function refuseLacking(
  schema: Schema,
  has: (name: string) => boolean,
  where: string,
  optional: ReadonlySet<string>,
  names: () => readonly string[],
): void {
  const needed = [...schema.keys()].filter((name) => !optional.has(name))
  const lacking = needed.filter((name) => !has(name))
  if (lacking.length === 0) return
  throw new DataError({
    where,
    expected: `a table with the columns ${needed.join(', ')}, as when the recipe was fitted`,
    received: `one without ${lacking.map((name) => `'${name}'`).join(', ')} (it has ${names().join(', ')})`,
    fix: 'A cell may be missing (null); its column has to be there.',
  })
}

interface Place {
  readonly name: string
  readonly position: number
  readonly where: string
}

function columnOf(cells: ArrayLike<unknown>, type: ColumnType, place: Place): Column {
  if (type === 'number' || type === 'date') {
    const values = new Float64Array(cells.length)
    for (let row = 0; row < cells.length; row++) {
      const cell = cells[row]
      values[row] = isMissing(cell) ? Number.NaN : Number(checked(cell, type, row, place))
    }
    return { type, values }
  }
  const isFree = type === 'mixed' || type === 'other' || type === 'empty'
  const values = Array.from(cells, (cell, row) =>
    isMissing(cell) ? null : isFree ? cell : checked(cell, type, row, place),
  )
  return { type: type === 'empty' && values.some((cell) => cell !== null) ? 'mixed' : type, values }
}

function checked(cell: unknown, type: ColumnType, row: number, { name, position, where }: Place): unknown {
  if (typeOf(cell) === type) {
    if (type !== 'date' || !Number.isNaN(Number(cell))) return cell
    throw new DataError({
      where: `${where}: column '${name}', row ${position + row}`,
      expected: 'a date',
      received: 'an invalid Date',
    })
  }
  throw new DataError({
    where: `${where}: column '${name}', row ${position + row}`,
    expected: nameOfType[type],
    received: `${shown(cell)}, which is ${nameOfType[typeOf(cell)]}`,
    fix: 'A column has the type that it had when the recipe was fitted.',
  })
}

/** A cell as an error shows it. */
export function shown(cell: unknown): string {
  if (typeof cell === 'string') return JSON.stringify(cell.length > 60 ? `${cell.slice(0, 60)}…` : cell)
  return cell instanceof Date && !Number.isNaN(cell.getTime()) ? cell.toISOString() : String(cell)
}

let since = 0

/** Gives the event loop a turn where the last was more than 12 ms ago. */
async function turn(): Promise<void> {
  if (performance.now() - since < 12) return
  await new Promise<void>((resolve) => setTimeout(resolve))
  since = performance.now()
}
