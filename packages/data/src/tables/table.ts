import type { Table as ArrowTable } from '@uwdata/flechette'
import { Dataset } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf, StateError } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Cell, DataRow, Features } from '../features/feature.ts'
import { ColumnScope, column } from './column-scope.ts'
import { Expression, expressionOf, type Ordering, sql, text } from './expression.ts'
import { type JoinOptions, joinChecks, joinedColumns, joinWords, pairsOf } from './join.ts'
import { type Piece, quoted } from './pieces.ts'
import {
  boundsOf,
  chance,
  cutsQuery,
  drawnQuery,
  numberedQuery,
  partConditions,
  place,
  type SampleOptions,
  type SplitTableOptions,
  sampleChecks,
  shuffleChecks,
  splitBy,
  splitChecks,
  splitValue,
} from './sampling.ts'
import { shownStatement } from './statement.ts'
import type { Columns, Expressions, Flat, Made, NameOf, OrderKey, Plan, Renamed } from './table-types.ts'
import { checkNames } from './union.ts'
import { type WriteTableOptions, writeChecks } from './write-options.ts'

/** Groups of rows. */
export interface GroupedTable<Row extends object, K extends NameOf<Row>> {
  /** A row for each group, with the columns that it is a group by and what expressions make of its rows. Groups come in any order. */
  aggregate<const E extends Expressions>(
    make: (columns: Columns<Row>) => E,
  ): Table<Flat<Pick<Row, K> & Made<E>>>
}

export interface TableBatchOptions {
  /** Ends the reading. */
  readonly signal?: AbortSignal
}

const batchChecks = optionsOf<TableBatchOptions>()({ signal: checks.abortSignal })

/**
 * A table of named columns: a query below, which DuckDB runs when rows are asked for, and plain rows or columns above. Tables do
 * not change; each method gives a new one, and nothing is read before `rows`, `columns`, `count`, `write` or an iteration.
 *
 * A missing value is null. Whole numbers are numbers, and bigint beyond 2⁵³; decimals are numbers; dates and moments are Date, in
 * UTC and to the millisecond; times of day are microseconds from midnight; bytes are Uint8Array; lists are arrays, structs are
 * objects, maps are arrays of `{ key, value }`; intervals are `{ months, days, milliseconds }`; UUIDs and what else there is,
 * texts.
 *
 * @example
 * const trips = await readTable<{ zone: string; day: Date; fare: number }>('trips/*.parquet')
 * const best = await trips
 *   .filter(({ fare }) => fare.gt(0))
 *   .groupBy('zone')
 *   .aggregate(({ fare }) => ({ trips: count(), fare: fare.mean() }))
 *   .orderBy(col('fare').descending())
 *   .take(10)
 *   .rows()
 */
export class Table<Row extends object = DataRow> implements AsyncIterable<Row> {
  readonly #plan: Plan
  readonly #scope: ColumnScope

  /** Tables are made by `readTable`, `tableFrom` and the methods of others. */
  constructor(plan: Plan) {
    this.#plan = plan
    this.#scope = new ColumnScope(plan.columns)
    plans.set(this, plan)
  }

  /** The pieces of its query, for those who build on it. */
  get query(): readonly Piece[] {
    return this.#plan.query
  }

  /** Names of the columns, in order. */
  get columnNames(): readonly string[] {
    return this.#plan.columns
  }

  /** What the columns hold, as features. Nothing is read for it. */
  async features(): Promise<Features> {
    const { featuresOfQuery } = await import('./query.node.ts')
    return featuresOfQuery(this.#plan)
  }

  /** The statement that gives the rows, to be looked at. */
  toSQL(): string {
    return shownStatement(this.#plan.query)
  }

  // Columns.

  /**
   * These columns, in this order; or what expressions make of each row.
   *
   * @throws ArgumentError for a column that there is not, with the nearest name.
   * @example
   * people.select('name', 'age')
   * people.select(({ name, born }) => ({ name, year: born.year() }))
   */
  select<K extends NameOf<Row>>(...names: readonly K[]): Table<Flat<Pick<Row, K>>>
  select<const E extends Expressions>(make: (columns: Columns<Row>) => E): Table<Flat<Made<E>>>
  select(...given: readonly unknown[]): Table<object> {
    const [first] = given
    if (typeof first === 'function')
      return this.#computed('select', Object.entries(this.#scope.made('select', first)))
    const names = given.map((name) => this.#scope.column('select', name))
    checkNames('Table.select', names, 'Name each column once.')
    if (names.length === 0)
      throw new ArgumentError({ where: 'Table.select', expected: 'at least one column', received: 'none' })
    return this.#computed(
      'select',
      names.map((name) => [name, column(name)] as const),
    )
  }

  /**
   * All columns, and those that expressions make; one of a name that there is takes its place.
   *
   * @example
   * people.derive(({ weight, height }) => ({ bmi: weight.div(height.pow(2)) }))
   */
  derive<const E extends Expressions>(
    make: (columns: Columns<Row>) => E,
  ): Table<Flat<Omit<Row, keyof E> & Made<E>>> {
    const made = new Map(Object.entries(this.#scope.made('derive', make)))
    const kept = this.columnNames.map((name) => [name, made.get(name) ?? column(name)] as const)
    const added = [...made].filter(([name]) => !this.columnNames.includes(name))
    return this.#computed('derive', [...kept, ...added])
  }

  /** Columns under other names. @example people.rename({ dob: 'born' }) */
  rename<const N extends { readonly [K in NameOf<Row>]?: string }>(
    names: N,
  ): Table<Flat<Renamed<Row, N & Record<string, string>>>> {
    const others = new Map(
      Object.entries(names as Readonly<Record<string, string>>).map(([from, to]) => [
        this.#scope.column('rename', from),
        to,
      ]),
    )
    return this.#computed(
      'rename',
      this.columnNames.map((name) => [others.get(name) ?? name, column(name)]),
    )
  }

  /** All columns but these. */
  drop<K extends NameOf<Row>>(...names: readonly K[]): Table<Flat<Omit<Row, K>>> {
    const dropped = new Set(names.map((name) => this.#scope.column('drop', name)))
    const kept = this.columnNames.filter((name) => !dropped.has(name))
    if (kept.length === 0)
      throw new ArgumentError({
        where: 'Table.drop',
        expected: 'a column that stays',
        received: 'all of them',
      })
    return this.#computed(
      'drop',
      kept.map((name) => [name, column(name)]),
    )
  }

  // Rows.

  /**
   * The rows for which a condition is true; where it is false or missing, they are left out.
   *
   * @example
   * people.filter(({ age }) => age.gte(18))
   * people.filter(sql`age >= ${least} AND city IN ${cities}`)
   */
  filter(
    condition: Expression<boolean | null> | ((columns: Columns<Row>) => Expression<boolean | null>),
  ): Table<Row> {
    const given = this.#scope.expression('filter', condition)
    return this.#next([text('SELECT * FROM '), this.#inner(), text(' WHERE '), given])
  }

  /**
   * The rows in the order of columns or expressions, missing values last; rows that are equal in all of them, in that of their other
   * columns, so that the order is the same each time.
   *
   * @example
   * people.orderBy('city', col('age').descending())
   */
  orderBy(
    ...keys: readonly (OrderKey<Row> | ((columns: Columns<Row>) => Ordering | Expression))[]
  ): Table<Row> {
    if (keys.length === 0)
      throw new ArgumentError({ where: 'Table.orderBy', expected: 'at least one column', received: 'none' })
    const listed = keys.flatMap((key, i) => {
      const { by, descending } = this.#scope.ordering(key)
      return [text(i === 0 ? '' : ', '), by, text(descending ? ' DESC NULLS LAST' : ' ASC NULLS LAST')]
    })
    const others = this.columnNames.filter((name) => !keys.includes(name as OrderKey<Row>))
    const rest = others.map((name) => `, ${quoted(name)} ASC NULLS LAST`).join('')
    return this.#next([text('SELECT * FROM '), this.#inner(), text(' ORDER BY '), ...listed, text(rest)], {
      isOrdered: true,
    })
  }

  /** The first `count` rows; of files, no more are read. */
  take(count: number): Table<Row> {
    checkWhole('take', count)
    return this.#next([text('SELECT * FROM '), this.#inner(), text(` LIMIT ${count}`)])
  }

  /** All but the first `count` rows. */
  skip(count: number): Table<Row> {
    checkWhole('skip', count)
    return this.#next([text('SELECT * FROM '), this.#inner(), text(` OFFSET ${count}`)])
  }

  /** Rows without those that come again, or with only the first of those that are equal in some columns. */
  distinct<K extends NameOf<Row>>(...names: readonly K[]): Table<Row> {
    const keys = names.map((name) => this.#scope.column('distinct', name))
    if (keys.length === 0)
      return this.#next([text('SELECT DISTINCT * FROM '), this.#inner()], { isOrdered: false })
    const listed = keys.map(quoted).join(', ')
    const numbered = this.#numbered()
    return this.#next([
      text(`SELECT ${this.#all()} FROM (`),
      numbered,
      text(
        `) AS t QUALIFY row_number() OVER (PARTITION BY ${listed} ORDER BY "${place}") = 1 ORDER BY "${place}"`,
      ),
    ])
  }

  /** The rows of this table, then those of another, by the names of columns. @throws ArgumentError where names differ. */
  concat(other: Table<Row>): Table<Row> {
    const lacking = this.columnNames.filter((name) => !other.columnNames.includes(name))
    const more = other.columnNames.filter((name) => !this.columnNames.includes(name))
    if (lacking.length + more.length > 0)
      throw new ArgumentError({
        where: 'Table.concat',
        expected: `a table with the columns ${this.columnNames.join(', ')}`,
        received: other.columnNames.join(', '),
        fix: 'Choose the same ones of both: select.',
      })
    return this.#next(
      [text('SELECT * FROM '), this.#inner(), text(` UNION ALL SELECT ${this.#all()} FROM `), other.#inner()],
      { isOrdered: this.#plan.isOrdered && other.#plan.isOrdered },
    )
  }

  /**
   * The rows of both tables that belong together.
   *
   * Columns of the other table that have a name of this one's get a suffix; key columns come once. As in SQL, a missing key belongs
   * to no row.
   *
   * @throws ArgumentError for columns that there are not.
   * @example
   * trips.join(zones, { on: 'zone', how: 'left' })
   * trips.join(people, { on: { driver: 'id' } })
   */
  join<Other extends object>(
    other: Table<Other>,
    options: JoinOptions<Row, Other>,
  ): Table<Flat<Row & Omit<Other, keyof Row>>> {
    checkOptions('Table.join', options, joinChecks)
    const { on, how = 'inner', suffix = '_right' } = options
    const pairs = pairsOf(on).map(
      ([left, right]) => [this.#scope.column('join', left), other.#scope.column('join', right)] as const,
    )
    const { selected, condition, names } = joinedColumns(
      this.columnNames,
      other.columnNames,
      pairs,
      how,
      suffix,
    )
    checkNames('Table.join', names, 'Give another suffix, or rename columns first.')
    return this.#next(
      [
        text(`SELECT ${selected} FROM (`),
        new Expression(this.query),
        text(`\n) AS l ${joinWords[how]} (`),
        new Expression(other.query),
        text(`\n) AS r${condition}`),
      ],
      { columns: names, isOrdered: false },
    )
  }

  /**
   * Groups of rows that are equal in some columns, for `aggregate`.
   *
   * @example
   * trips.groupBy('zone').aggregate(({ fare }) => ({ trips: count(), fare: fare.mean() }))
   */
  groupBy<K extends NameOf<Row>>(...names: readonly K[]): GroupedTable<Row, K> {
    const keys = names.map((name) => this.#scope.column('groupBy', name) as K)
    return { aggregate: (make) => this.#aggregated(keys, make) }
  }

  /** One row about all: `table.aggregate(({ fare }) => ({ rows: count(), most: fare.max() }))`. */
  aggregate<const E extends Expressions>(make: (columns: Columns<Row>) => E): Table<Flat<Made<E>>> {
    return this.#aggregated([], make)
  }

  #aggregated<R extends object>(keys: readonly string[], make: unknown): Table<R> {
    const made = Object.entries(this.#scope.made('aggregate', make))
    const names = [...keys, ...made.map(([name]) => name)]
    checkNames(
      'Table.aggregate',
      names,
      'Give what is computed other names than the columns of groupBy have.',
    )
    const listed = made.flatMap(([name, of], i) => [
      text(i === 0 ? '' : ', '),
      expressionOf(of),
      text(` AS ${quoted(name)}`),
    ])
    const groups = keys.map(quoted).join(', ')
    return this.#next<R>(
      [
        text(`SELECT ${groups}${groups === '' ? '' : ', '}`),
        ...listed,
        text(' FROM '),
        this.#inner(),
        text(groups === '' ? '' : ` GROUP BY ${groups}`),
      ],
      { columns: names, isOrdered: false },
    )
  }

  // Chance. What is drawn is a function of the seed and the rows alone, not of threads, machines or versions of DuckDB.

  /**
   * Some of the rows by chance, in their order: so many (`rows`), or each with a probability (`share`).
   *
   * @example
   * table.sample({ rows: 1000, seed: 1 })
   */
  sample(options: SampleOptions): Table<Row> {
    checkOptions('Table.sample', options, sampleChecks)
    const { rows, share, seed = 0 } = options
    if ((rows === undefined) === (share === undefined))
      throw new ArgumentError({
        where: 'Table.sample',
        expected: 'rows or share',
        received: rows === undefined ? 'neither' : 'both',
      })
    const drawn = this.#drawn(seed)
    if (share !== undefined)
      return this.#next([
        text(`SELECT ${this.#all()} FROM (`),
        drawn,
        text(`) AS t WHERE "${chance}" < `),
        sql`${share}`,
      ])
    return this.#next([
      text(`SELECT ${this.#all()} FROM (SELECT * FROM (`),
      drawn,
      text(`) AS t ORDER BY "${chance}" LIMIT ${rows}) AS t ORDER BY "${place}"`),
    ])
  }

  /** All rows in random order. Tables beyond memory are ordered on the disk. */
  shuffle(options: { /** Default 0. */ readonly seed?: number } = {}): Table<Row> {
    checkOptions('Table.shuffle', options, shuffleChecks)
    return this.#next(
      [
        text(`SELECT ${this.#all()} FROM (`),
        this.#drawn(options.seed ?? 0),
        text(`) AS t ORDER BY "${chance}", "${place}"`),
      ],
      { isOrdered: true },
    )
  }

  /**
   * Parts of the table by their shares, which have no row in common: by chance; with the same proportions of a column's values in
   * each (`stratify`); whole groups of rows that are equal in a column (`group`); or by a column of times, the first part earliest
   * (`time`), so that nothing is learned from what comes later. Rows of one moment stay together.
   *
   * The table is read once for it; the parts are lazy. Numbers of rows are those of the shares, rounded; with `group` they are those
   * of groups, and with `time` as near as moments allow.
   *
   * @throws ArgumentError for shares that are not 1 together; DataError for a part without rows, and times that are missing.
   * @example
   * const { train, test } = await table.split({ train: 0.8, test: 0.2 }, { seed: 1, stratify: 'label' })
   */
  async split<const S extends Readonly<Record<string, number>>>(
    shares: S,
    options: SplitTableOptions<Row> = {},
  ): Promise<{ readonly [K in keyof S]: Table<Row> }> {
    checkOptions('Table.split', options, splitChecks)
    const bounds = boundsOf(shares)
    const by = splitBy(options)
    const key = by === undefined ? undefined : this.#scope.column(`split: ${by.kind}`, by.column)
    const numbers: Expression =
      by?.kind === 'time' || by?.kind === 'group'
        ? new Expression([...text('(').pieces, ...this.query, ...text('\n)').pieces])
        : sql`(${this.#drawn(options.seed ?? 0)})`
    const value = splitValue(by?.kind, key, options.seed ?? 0)
    const strata = by?.kind === 'stratify' ? quoted(key as string) : undefined
    const cuts = await this.#rowsOf(cutsQuery(numbers, value, strata, by?.kind, bounds))
    return Object.fromEntries(
      partConditions(bounds, cuts, value, key, by?.kind).map(([name, condition]) => [
        name,
        this.#next([text(`SELECT ${this.#all()} FROM `), numbers, text(' AS t WHERE '), condition]),
      ]),
    ) as { readonly [K in keyof S]: Table<Row> }
  }

  async #rowsOf(query: Expression): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return new Table<Readonly<Record<string, unknown>>>({ ...this.#plan, query: query.pieces }).rows()
  }

  /** The columns, listed. */
  #all(): string {
    return this.columnNames.map(quoted).join(', ')
  }

  /** The rows with their places: a number that is the same each time the table is read. */
  #numbered(): Expression {
    return numberedQuery(this.query, this.columnNames, this.#plan.isOrdered)
  }

  /** The rows with their places and a number from 0 to 1 each, by chance. */
  #drawn(seed: number): Expression {
    return drawnQuery(this.#numbered(), seed)
  }

  // What comes out.

  /** All rows, as objects. */
  async rows(options: TableBatchOptions = {}): Promise<Row[]> {
    const all: Row[] = []
    for await (const rows of this.#batches('rows', options)) for (const row of rows) all.push(row)
    return all
  }

  /** The first row; undefined where there is none. */
  async first(): Promise<Row | undefined> {
    return (await this.take(1).rows())[0]
  }

  /** All values of each column. */
  async columns(): Promise<{ [K in keyof Row]: Row[K][] }> {
    const { batchesOf } = await import('./query.node.ts')
    const all = new Map<string, unknown[]>(this.columnNames.map((name) => [name, []]))
    for await (const { names, columns } of batchesOf(this.#plan))
      names.forEach((name, i) => {
        const values = all.get(name)
        for (const value of columns[i] ?? []) values?.push(value)
      })
    return Object.fromEntries(all) as { [K in keyof Row]: Row[K][] }
  }

  /**
   * The columns, some thousand rows of them at a time.
   *
   * @example
   * for await (const { price } of table.columnBatches()) total += price.reduce((sum, one) => sum + one, 0)
   */
  async *columnBatches(): AsyncGenerator<{ [K in keyof Row]: Row[K][] }, void, undefined> {
    const { batchesOf } = await import('./query.node.ts')
    for await (const { names, columns } of batchesOf(this.#plan))
      yield Object.fromEntries(names.map((name, i) => [name, columns[i]])) as { [K in keyof Row]: Row[K][] }
  }

  /** The number of rows. */
  async count(): Promise<number> {
    const counted = this.#next([text('SELECT count(*) AS n FROM '), this.#inner()], { columns: ['n'] })
    const [row] = (await counted.rows()) as readonly { readonly n?: number }[]
    return row?.n ?? 0
  }

  /** The rows one after another, some thousand of them in memory at a time; the reading ends with the loop. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for await (const rows of this.#batches('rows', {})) yield* rows
  }

  /**
   * The rows, `size` at a time; the last batch may have fewer.
   *
   * @example
   * for await (const rows of table.batches(1000)) await store(rows)
   */
  async *batches(size: number, options: TableBatchOptions = {}): AsyncGenerator<Row[], void, undefined> {
    if (!Number.isInteger(size) || size < 1)
      throw new ArgumentError({
        where: 'Table.batches',
        expected: 'a positive whole number',
        received: String(size),
      })
    let ready: Row[] = []
    for await (const rows of this.#batches('batches', options))
      for (const row of rows) {
        ready.push(row)
        if (ready.length === size) {
          yield ready
          ready = []
        }
      }
    if (ready.length > 0) yield ready
  }

  /**
   * The rows as a data set of typegrad, read anew for each epoch. Its state of reading can be kept and gone on with: DuckDB then begins
   * with the row behind the last.
   *
   * @throws StateError, when a reading goes on, for rows without an order, as those of joins and groups are: some would come twice.
   * @example
   * const batches = table.toDataset().map(({ x, y }) => [[x], y] as const).batch(32)
   */
  toDataset(): Dataset<Row> {
    return Dataset.fromGenerator(
      () => this,
      (row) => {
        if (this.#plan.isOrdered) return this.skip(row)
        throw new StateError({
          where: 'Table.toDataset',
          expected: 'rows in the same order each time, for a reading that goes on behind some',
          received: 'those of a join, of groups or of SQL',
          fix: 'Order them first: orderBy.',
        })
      },
    )
  }

  /**
   * Writes the rows into a file, which then has all of them or is what it was before.
   *
   * @param path its ending says the format: `.csv`, `.tsv`, `.parquet`, `.json` (an array), `.jsonl`.
   * @throws ArgumentError for another ending.
   * @example
   * await table.filter(sql`fare > 0`).write('clean.parquet')
   */
  async write(path: string, options: WriteTableOptions = {}): Promise<void> {
    checkOptions('Table.write', options, writeChecks)
    const { writeTable } = await import('./write-table.node.ts')
    await writeTable(this.#plan, path, options)
  }

  /** The rows in Arrow's columns (of @uwdata/flechette, which other Arrow libraries read through `tableToIPC`). */
  async toArrow(): Promise<ArrowTable> {
    const { arrowTableOf } = await import('./arrow-table.node.ts')
    return arrowTableOf(
      await this.features(),
      (await this.columns()) as Readonly<Record<string, readonly Cell[]>>,
    )
  }

  /** Lets go of what DuckDB holds for the table: memory, and files that it spilled. A table that is read again opens it anew. */
  async close(): Promise<void> {
    const [{ closeDatabases }, { statementOf }] = await Promise.all([
      import('./database.node.ts'),
      import('./statement.ts'),
    ])
    await closeDatabases(statementOf(this.#plan.query).files, this.#plan.limits)
  }

  // Below.

  async *#batches(where: string, options: TableBatchOptions): AsyncGenerator<Row[], void, undefined> {
    checkOptions(`Table.${where}`, options, batchChecks)
    const { batchesOf } = await import('./query.node.ts')
    const { signal } = options
    signal?.throwIfAborted()
    for await (const { names, columns, rows } of batchesOf(this.#plan)) {
      signal?.throwIfAborted()
      yield Array.from({ length: rows }, (_, row) => rowOf(names, columns, row) as Row)
    }
  }

  /** This query as what another one reads. */
  #inner(): Expression {
    return new Expression([...text('(').pieces, ...this.#plan.query, ...text('\n) AS t').pieces])
  }

  #next<R extends object = Row>(parts: readonly Expression[], plan: Partial<Plan> = {}): Table<R> {
    return new Table<R>({ ...this.#plan, ...plan, query: parts.flatMap(({ pieces }) => pieces) })
  }

  #computed<R extends object>(where: string, made: readonly (readonly [string, unknown])[]): Table<R> {
    const names = made.map(([name]) => name)
    checkNames(`Table.${where}`, names, 'Give the columns other names.')
    const listed = made.flatMap(([name, of], i) => [
      text(i === 0 ? '' : ', '),
      expressionOf(of),
      text(` AS ${quoted(name)}`),
    ])
    return this.#next<R>([text('SELECT '), ...listed, text(' FROM '), this.#inner()], { columns: names })
  }
}

function rowOf(
  names: readonly string[],
  columns: readonly (readonly unknown[])[],
  row: number,
): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (let i = 0; i < names.length; i++) made[names[i] as string] = columns[i]?.[row]
  return made
}

function checkWhole(where: string, count: number): void {
  if (Number.isInteger(count) && count >= 0) return
  throw new ArgumentError({
    where: `Table.${where}`,
    expected: 'a whole number of at least 0',
    received: String(count),
  })
}

/** How a table came to be, for what is built on it in this package. */
export const planOf = (table: object): Plan => plans.get(table) as Plan

const plans = new WeakMap<object, Plan>()
