/**
 * `rows/`: rows that are in memory or come from files, and what is done with them on the way to a model. It knows features,
 * and nothing of files.
 */
import { Dataset, trainTestSplit } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf, StateError } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { DataRow, Features } from '../features/feature.ts'

export interface ShuffleRowsOptions {
  /** Makes the order a function of this number. Default 0. */
  readonly seed?: number
  /** Rows of a stream that are in memory while they are mixed. Default 1000. Rows in memory are mixed as a whole. */
  readonly bufferSize?: number
}

const shuffleChecks = optionsOf<ShuffleRowsOptions>()({ seed: checks.number, bufferSize: checks.count })

export interface SplitRowsOptions {
  /** The share that is held back. Default 0.25. */
  readonly testSize?: number
  /** Makes the random choice a function of this number. Default 0. */
  readonly seed?: number
  /** Whether rows are taken in random order. Default true. */
  readonly shuffle?: boolean
  /** A column whose values both parts are to have in the same proportions: the label, mostly. */
  readonly stratifyBy?: string
}

const splitChecks = optionsOf<SplitRowsOptions>()({
  testSize: checks.number,
  seed: checks.number,
  shuffle: checks.boolean,
  stratifyBy: checks.string,
})

export interface MapRowsOptions {
  /** Features of the new rows. Default: they have none. */
  readonly features?: Features
}

const mapChecks = optionsOf<MapRowsOptions>()({ features: checks.anything })

/** Where rows come from: all at once, made when they are first asked for, or one after another, anew for each reading. */
type Source<Row> =
  | { readonly kind: 'memory'; readonly rows: () => Promise<readonly Row[]> }
  | { readonly kind: 'stream'; readonly open: () => AsyncIterable<Row> }

/** A value that is made once, when it is first asked for; an error is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

/**
 * The rows of a split. They are in memory, or are read from their files again for each reading (`streaming`), a part at a time;
 * both take the same steps, and nothing is done before a row is asked for.
 *
 * @example
 * const { train } = await loadDataset('data/reviews')
 * const texts = train.filter(({ text }) => text !== null).shuffle({ seed: 1 }).take(1000)
 * for await (const { text, label } of texts) console.log(text, label)
 */
export class RowDataset<Row = DataRow> implements AsyncIterable<Row> {
  readonly #source: Source<Row>
  /** What the columns hold; undefined behind a `map` that does not say. */
  readonly features: Features | undefined

  private constructor(source: Source<Row>, features: Features | undefined) {
    this.#source = source
    this.features = features
  }

  /** Rows that are in memory. */
  static fromRows<Row>(rows: readonly Row[], features?: Features): RowDataset<Row> {
    return new RowDataset({ kind: 'memory', rows: async () => rows }, features)
  }

  /** Rows that a function gives anew for each reading. */
  static fromStream<Row>(open: () => AsyncIterable<Row>, features?: Features): RowDataset<Row> {
    return new RowDataset({ kind: 'stream', open }, features)
  }

  /** Whether rows come from files, one after another, instead of from memory. */
  get isStreaming(): boolean {
    return this.#source.kind === 'stream'
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    yield* this.#source.kind === 'memory' ? await this.#source.rows() : this.#source.open()
  }

  /** All rows, in an array. */
  async toArray(): Promise<Row[]> {
    const all: Row[] = []
    for await (const row of this) all.push(row)
    return all
  }

  /** The number of rows. A stream is read for it. */
  async count(): Promise<number> {
    if (this.#source.kind === 'memory') return (await this.#source.rows()).length
    let count = 0
    for await (const _ of this) count += 1
    return count
  }

  /** One row; undefined behind the last. @throws StateError for a stream. */
  async at(index: number): Promise<Row | undefined> {
    return (await this.#inMemory('at'))[index]
  }

  /** Each row by what a function makes of it, which may take its time. Rows in memory are made once. */
  map<U>(fn: (row: Row, index: number) => U | Promise<U>, options: MapRowsOptions = {}): RowDataset<U> {
    checkOptions('RowDataset.map', options, mapChecks)
    return this.#through(async function* (rows) {
      let index = 0
      for await (const row of rows) yield await fn(row, index++)
    }, options.features)
  }

  /** The rows for which a function says true. */
  filter(keep: (row: Row, index: number) => boolean | Promise<boolean>): RowDataset<Row> {
    return this.#through(async function* (rows) {
      let index = 0
      for await (const row of rows) if (await keep(row, index++)) yield row
    }, this.features)
  }

  /** The first `count` rows; no more are read. */
  take(count: number): RowDataset<Row> {
    checkWhole('take', count)
    return this.#through(async function* (rows) {
      let left = count
      if (left === 0) return
      for await (const row of rows) {
        yield row
        left -= 1
        if (left === 0) return
      }
    }, this.features)
  }

  /** All but the first `count` rows. */
  skip(count: number): RowDataset<Row> {
    checkWhole('skip', count)
    return this.filter((_, index) => index >= count)
  }

  /**
   * The rows at these positions, in this order.
   *
   * @throws StateError for a stream; ArgumentError, when rows are asked for, for a position that there is not.
   */
  select(positions: Iterable<number>): RowDataset<Row> {
    this.#refuseStream('select')
    const chosen = [...positions]
    return new RowDataset(
      {
        kind: 'memory',
        rows: once(async () => {
          const rows = await this.#inMemory('select')
          const wrong = chosen.find(
            (position) => !Number.isInteger(position) || position < 0 || position >= rows.length,
          )
          if (wrong !== undefined)
            throw new ArgumentError({
              where: 'RowDataset.select',
              expected: `positions from 0 to ${rows.length - 1}`,
              received: String(wrong),
            })
          return chosen.map((position) => rows[position] as Row)
        }),
      },
      this.features,
    )
  }

  /**
   * Rows in random order, the same for each reading. Of a stream, `bufferSize` rows are in memory, of which one is given out and
   * replaced by the next; rows in memory are mixed as a whole.
   */
  shuffle(options: ShuffleRowsOptions = {}): RowDataset<Row> {
    checkOptions('RowDataset.shuffle', options, shuffleChecks)
    const { seed = 0, bufferSize = 1000 } = options
    const mixed = (items: AsyncIterable<Row> | Iterable<Row>, size: number): Dataset<Row> =>
      Dataset.fromAsyncIterable(items).shuffle(size, { seed, reshuffleEachIteration: false })
    if (this.#source.kind === 'stream') {
      const { open } = this.#source
      return RowDataset.fromStream(() => mixed(open(), bufferSize), this.features)
    }
    const { rows } = this.#source
    const order = once(async () => {
      const all = await rows()
      return mixed(all, Math.max(1, all.length)).toArray()
    })
    return new RowDataset({ kind: 'memory', rows: order }, this.features)
  }

  /**
   * Two parts, of which training does not see the second.
   *
   * @throws StateError for a stream; ArgumentError for a share that leaves a part empty and a column that there is not.
   * @example
   * const { train, test } = await rows.trainTestSplit({ testSize: 0.2, seed: 1, stratifyBy: 'label' })
   */
  async trainTestSplit(
    options: SplitRowsOptions = {},
  ): Promise<{ readonly train: RowDataset<Row>; readonly test: RowDataset<Row> }> {
    checkOptions('RowDataset.trainTestSplit', options, splitChecks)
    const { stratifyBy, ...others } = options
    const rows = await this.#inMemory('trainTestSplit')
    const positions = Int32Array.from(rows, (_, i) => i)
    const split = await trainTestSplit([positions], {
      ...others,
      ...(stratifyBy !== undefined && { stratify: classesOf(rows, stratifyBy) }),
    })
    const part = async ([taken]: (typeof split)['train']): Promise<RowDataset<Row>> =>
      this.select(Array.from((await taken?.data()) ?? [], Number))
    return { train: await part(split.train), test: await part(split.test) }
  }

  /**
   * The rows as a data set of typegrad, which `fit` takes once its elements are inputs and labels.
   *
   * @example
   * const batches = train.toDataset().map(({ text, label }) => [encode(text), label] as const).batch(32)
   */
  toDataset(): Dataset<Row> {
    return Dataset.fromGenerator(() => this)
  }

  #through<U>(
    step: (rows: AsyncIterable<Row> | Iterable<Row>) => AsyncIterable<U>,
    features: Features | undefined,
  ): RowDataset<U> {
    if (this.#source.kind === 'stream') {
      const { open } = this.#source
      return RowDataset.fromStream(() => step(open()), features)
    }
    const { rows } = this.#source
    const made = once(async () => {
      const all: U[] = []
      for await (const row of step(await rows())) all.push(row)
      return all
    })
    return new RowDataset({ kind: 'memory', rows: made }, features)
  }

  async #inMemory(where: string): Promise<readonly Row[]> {
    if (this.#source.kind === 'memory') return this.#source.rows()
    return this.#refuseStream(where)
  }

  #refuseStream(where: 'at' | 'select' | 'trainTestSplit' | string): never[] {
    if (this.#source.kind === 'memory') return []
    throw new StateError({
      where: `RowDataset.${where}`,
      expected: 'rows in memory',
      received: 'a stream',
      fix: 'Load without streaming, or keep what is needed: RowDataset.fromRows(await rows.toArray()).',
    })
  }
}

function checkWhole(where: string, count: number): void {
  if (Number.isInteger(count) && count >= 0) return
  throw new ArgumentError({
    where: `RowDataset.${where}`,
    expected: 'a whole number of at least 0',
    received: String(count),
  })
}

/** Whole numbers that stand for the values of a column. */
function classesOf(rows: readonly unknown[], column: string): Int32Array {
  const places = new Map<unknown, number>()
  return Int32Array.from(rows, (row) => {
    const cells = row as Readonly<Record<string, unknown>>
    if (!Object.hasOwn(cells, column))
      throw new ArgumentError({
        where: 'RowDataset.trainTestSplit: stratifyBy',
        expected: `one of ${Object.keys(cells).join(', ')}`,
        received: `'${column}'`,
      })
    const value = cells[column]
    const place = places.get(value) ?? places.size
    places.set(value, place)
    return place
  })
}
