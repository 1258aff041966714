import { ArgumentError } from 'typegrad/core'
import type { DataRow } from '../features/feature.ts'
import type { RowDataset } from './row-dataset.ts'

/**
 * The splits of a data set by name.
 *
 * @example
 * const { train, test } = await loadDataset('data/reviews')
 */
export class DatasetSplits<Row = DataRow> implements Iterable<readonly [string, RowDataset<Row>]> {
  readonly #splits: ReadonlyMap<string, RowDataset<Row>>

  constructor(splits: ReadonlyMap<string, RowDataset<Row>>) {
    this.#splits = splits
  }

  /** Train, validation and test first. */
  get names(): readonly string[] {
    return [...this.#splits.keys()]
  }

  get train(): RowDataset<Row> {
    return this.get('train')
  }

  get validation(): RowDataset<Row> {
    return this.get('validation')
  }

  get test(): RowDataset<Row> {
    return this.get('test')
  }

  has(name: string): boolean {
    return this.#splits.has(name)
  }

  /** @throws ArgumentError for a split that there is not, with those that there are. */
  get(name: string): RowDataset<Row> {
    const found = this.#splits.get(name)
    if (found !== undefined) return found
    throw new ArgumentError({
      where: 'loadDataset',
      expected: `a split of this data set: ${this.names.join(', ')}`,
      received: `'${name}'`,
      fix: 'trainTestSplit makes two of one.',
    })
  }

  [Symbol.iterator](): Iterator<readonly [string, RowDataset<Row>]> {
    return this.#splits.entries()
  }
}
