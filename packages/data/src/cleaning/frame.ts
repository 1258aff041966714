/**
 * `cleaning/`: steps that make a table ready for a model: what each learns from the rows that are trained on, and how it is kept
 * and applied to rows that come. It knows rows and features, and nothing of files but the one that a fitted recipe is kept in.
 */
import { type Tensor, tensor } from 'typegrad'
import { ArgumentError, DataError } from 'typegrad/core'

/**
 * What a column holds. `empty` has no value at all, `mixed` has values of several types, and `other` lists, structures and bytes.
 * Missing cells (null, undefined, NaN) are of no type.
 */
export type ColumnType = 'number' | 'boolean' | 'text' | 'date' | 'empty' | 'mixed' | 'other'

/** The names and types of a table's columns, in order. */
export type Schema = ReadonlyMap<string, ColumnType>

/** Numbers; NaN is missing. */
export interface NumberColumn {
  readonly type: 'number'
  readonly values: Float64Array
}

/** Milliseconds since 1970 (UTC); NaN is missing. */
export interface DateColumn {
  readonly type: 'date'
  readonly values: Float64Array
}

/** Cells as they came; null is missing. */
export interface CellColumn {
  readonly type: Exclude<ColumnType, 'number' | 'date'>
  readonly values: readonly unknown[]
}

export type Column = NumberColumn | DateColumn | CellColumn

/** What categories are: compared as they are, so that 1 and '1' differ. */
export type Category = string | number | boolean

export const numberColumn = (values: Float64Array): NumberColumn => ({ type: 'number', values })
export const textColumn = (values: readonly (string | null)[]): CellColumn => ({ type: 'text', values })

/** A matrix of features for a model, with the names of its columns and, where the recipe names a target, the labels. */
export interface FeatureMatrix {
  /** Float32 `[rows, names.length]`. */
  readonly x: Tensor
  /** Float32 `[rows]`; absent without a target, and where the rows lack its column or all of its cells. */
  readonly y?: Tensor
  readonly names: readonly string[]
  /** Where each row stood in what was read, from 0. */
  readonly positions: Float64Array
}

/**
 * Rows as columns: a table that is in memory, or a part of one that is not. Nothing in it changes; steps make new ones, which
 * share the columns that they leave alone.
 *
 * @example
 * const frame = await fitted.transform(rows)
 * frame.names                  // [ 'age', 'city_Oslo', 'city_Rome' ]
 * frame.values('age')          // Float64Array
 * const { x, names } = frame.toMatrix()
 */
export class Frame {
  readonly columns: ReadonlyMap<string, Column>
  readonly length: number
  /** Where each row stood in what was read; a number is where the first stood, with the others right behind it. */
  readonly #positions: Float64Array | number
  /** The column that is predicted, which is no feature. */
  readonly target: string | undefined

  constructor(
    columns: ReadonlyMap<string, Column>,
    length: number,
    positions: Float64Array | number = 0,
    target?: string,
  ) {
    this.columns = columns
    this.length = length
    this.#positions = positions
    this.target = target
  }

  /** All columns, the target too. */
  get names(): readonly string[] {
    return [...this.columns.keys()]
  }

  /** The columns that a model is given: all but the target. */
  get featureNames(): readonly string[] {
    return this.names.filter((name) => name !== this.target)
  }

  get schema(): Schema {
    return new Map(Array.from(this.columns, ([name, { type }]) => [name, type]))
  }

  /** Where a row stood in what was read, from 0. */
  positionOf(row: number): number {
    return typeof this.#positions === 'number' ? this.#positions + row : (this.#positions[row] as number)
  }

  get positions(): Float64Array {
    return Float64Array.from({ length: this.length }, (_, row) => this.positionOf(row))
  }

  has(name: string): boolean {
    return this.columns.has(name)
  }

  /**
   * The numbers of a column, with NaN for what is missing; true and false are 1 and 0.
   *
   * @throws DataError, with row and column, for what is no number, and for infinities.
   */
  numbers(name: string, where: string): Float64Array {
    const { type, values } = this.column(name, where)
    if (type === 'number') {
      const at = values.findIndex((value) => value === Infinity || value === -Infinity)
      if (at >= 0)
        throw new DataError({
          where: this.placeOf(where, name, at),
          expected: 'a finite number',
          received: String(values[at]),
          fix: `Make infinities missing first: cleaning.markMissing('${name}', { infinite: true }).`,
        })
      return values
    }
    if (type === 'empty') return new Float64Array(this.length).fill(Number.NaN)
    if (type === 'boolean')
      return Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value)))
    throw this.#otherType(name, where, 'numbers', type)
  }

  /** The numbers of a column as they are, infinities too; of a date, its milliseconds. @throws DataError for another type. */
  values(name: string): Float64Array {
    const { type, values } = this.column(name, 'Frame.values')
    if (type === 'number' || type === 'date') return values
    return this.numbers(name, 'Frame.values')
  }

  /** Milliseconds since 1970, NaN for what is missing. @throws DataError for another type. */
  dates(name: string, where: string): Float64Array {
    const { type, values } = this.column(name, where)
    if (type === 'date') return values
    if (type === 'empty') return new Float64Array(this.length).fill(Number.NaN)
    throw this.#otherType(name, where, 'dates', type)
  }

  /** @throws DataError for another type. */
  texts(name: string, where: string): readonly (string | null)[] {
    const { type, values } = this.column(name, where)
    if (type === 'text' || type === 'empty') return values as readonly (string | null)[]
    throw this.#otherType(name, where, 'text', type)
  }

  /** Texts, numbers or truth values, all of one type. @throws DataError for another type. */
  categories(name: string, where: string): readonly (Category | null)[] {
    const { type, values } = this.column(name, where)
    if (type === 'text' || type === 'boolean' || type === 'empty')
      return values as readonly (Category | null)[]
    if (type === 'number')
      return Array.from(this.numbers(name, where), (value) => (Number.isNaN(value) ? null : value))
    throw this.#otherType(name, where, 'categories (text, numbers or truth values)', type)
  }

  /** A column's cells as rows have them: dates are `Date`, what is missing is null. */
  cells(name: string): readonly unknown[] {
    const { type, values } = this.column(name, 'Frame.cells')
    if (type !== 'number' && type !== 'date') return values
    return Array.from(values, (value) =>
      Number.isNaN(value) ? null : type === 'date' ? new Date(value) : value,
    )
  }

  /** @throws ArgumentError for a column that there is not. */
  column(name: string, where = 'Frame'): Column {
    const found = this.columns.get(name)
    if (found !== undefined) return found
    throw new ArgumentError({ where, expected: `one of ${this.names.join(', ')}`, received: `'${name}'` })
  }

  /** A place as errors name it: `impute (step 2): column 'age', row 17`. */
  placeOf(where: string, name: string, row: number): string {
    return `${where}: column '${name}', row ${this.positionOf(row)}`
  }

  /** The same rows with columns in the places of those that have their names; new ones come last. */
  with(columns: Iterable<readonly [string, Column]>): Frame {
    return this.withAll(new Map([...this.columns, ...columns]))
  }

  /** The same rows with just these columns. */
  withAll(columns: ReadonlyMap<string, Column>): Frame {
    return new Frame(columns, this.length, this.#positions, this.target)
  }

  withTarget(target: string | undefined): Frame {
    return new Frame(this.columns, this.length, this.#positions, target)
  }

  without(names: Iterable<string>): Frame {
    const left = new Map(this.columns)
    for (const name of names) left.delete(name)
    return this.withAll(left)
  }

  /** Columns in the places of others, which go: what categories or dates become. By the names of those that go. */
  replaced(replacements: ReadonlyMap<string, Iterable<readonly [string, Column]>>): Frame {
    const made = new Map<string, Column>()
    for (const [name, column] of this.columns)
      for (const [own, replacement] of replacements.get(name) ?? [[name, column] as const])
        made.set(own, replacement)
    return this.withAll(made)
  }

  /** The rows from one place up to another. */
  part(start: number, end: number): Frame {
    if (start === 0 && end === this.length) return this
    const columns = new Map<string, Column>()
    for (const [name, { type, values }] of this.columns)
      columns.set(
        name,
        type === 'number' || type === 'date'
          ? { type, values: values.subarray(start, end) }
          : { type, values: values.slice(start, end) },
      )
    const at = this.#positions
    const positions = typeof at === 'number' ? at + start : at.subarray(start, end)
    return new Frame(columns, end - start, positions, this.target)
  }

  /** Some of the rows, in this order. */
  rowsAt(rows: ArrayLike<number>): Frame {
    const picked = new Map<string, Column>()
    for (const [name, column] of this.columns) picked.set(name, columnAt(column, rows))
    const positions = Float64Array.from(rows, (row) => this.positionOf(row))
    return new Frame(picked, rows.length, positions, this.target)
  }

  /** The rows as objects. */
  *rows(): Generator<Record<string, unknown>, void, undefined> {
    const columns = this.names.map((name) => [name, this.cells(name)] as const)
    for (let row = 0; row < this.length; row++)
      yield Object.fromEntries(columns.map(([name, values]) => [name, values[row]]))
  }

  /** The rows as objects, in an array. */
  toRows(): Record<string, unknown>[] {
    return [...this.rows()]
  }

  /**
   * The features as one matrix, and the target as labels.
   *
   * @throws DataError, naming the column, for what is no number yet, and with its row for what is missing or infinite.
   * @example
   * const { x, y } = frame.toMatrix()
   * await model.fit(x, y)
   */
  toMatrix(): FeatureMatrix {
    const names = this.featureNames
    const data = new Float32Array(this.length * names.length)
    for (const [place, name] of names.entries()) {
      const values = this.complete(name)
      for (const [row, value] of values.entries()) data[row * names.length + place] = value
    }
    const x = tensor(data, { shape: [this.length, names.length] })
    const y = this.#labels()
    return {
      x,
      ...(y !== undefined && { y: tensor(Float32Array.from(y), { shape: [this.length] }) }),
      names,
      positions: this.positions,
    }
  }

  /** Undefined without a target, and where no row has it: those are rows that are to be predicted. */
  #labels(): Float64Array | undefined {
    const { target } = this
    if (target === undefined || !this.has(target)) return undefined
    return this.cells(target).every((cell) => cell === null) ? undefined : this.complete(target)
  }

  /** Numbers none of which is missing. */
  complete(name: string): Float64Array {
    const where = 'Frame.toMatrix'
    const { type } = this.column(name, where)
    if (type !== 'number' && type !== 'boolean' && type !== 'empty')
      throw new DataError({
        where,
        expected: 'columns of numbers',
        received: `'${name}', which is ${nameOfType[type]}`,
        fix:
          type === 'date'
            ? `cleaning.dateParts('${name}') makes numbers of it, cleaning.drop('${name}') leaves it out.`
            : `cleaning.oneHot('${name}'), ordinal or tfIdf make numbers of it, cleaning.drop('${name}') leaves it out.`,
      })
    const values = this.numbers(name, where)
    const missing = values.findIndex((value) => Number.isNaN(value))
    if (missing >= 0)
      throw new DataError({
        where: this.placeOf(where, name, missing),
        expected: 'a number',
        received: 'a missing cell',
        fix:
          name === this.target
            ? 'A label is never guessed: leave such rows out, or all of the column where rows are to be predicted.'
            : `cleaning.impute('${name}') fills it.`,
      })
    return values
  }

  #otherType(name: string, where: string, expected: string, type: ColumnType): DataError {
    return new DataError({
      where: `${where}: column '${name}'`,
      expected,
      received: nameOfType[type],
      fix:
        type === 'mixed'
          ? `cleaning.coerce('${name}', { to: … }) makes one type of it.`
          : `cleaning.coerce or parseNumbers make another type of it.`,
    })
  }
}

/** What a column is, as an error says it. */
export const nameOfType: Readonly<Record<ColumnType, string>> = {
  number: 'numbers',
  boolean: 'truth values',
  text: 'text',
  date: 'dates',
  empty: 'a column without any value',
  mixed: 'values of several types',
  other: 'lists, structures or bytes',
}

function columnAt(column: Column, rows: ArrayLike<number>): Column {
  const { type, values } = column
  if (type === 'number' || type === 'date')
    return { type, values: Float64Array.from(rows, (row) => values[row] as number) }
  return { type, values: Array.from(rows, (row) => values[row]) }
}
