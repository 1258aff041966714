import { expect, test } from 'vitest'
import { golden, others, rows } from '../testing/golden-tables.ts'
import { col, count } from './expression.ts'
import { tableFrom } from './table-from.ts'

/** Numbers to twelve digits, as sums in another order differ in the last ones. */
function expectClose(
  found: readonly (readonly unknown[])[],
  expected: readonly (readonly unknown[])[],
): void {
  expect(found).toHaveLength(expected.length)
  expected.forEach((row, i) => {
    row.forEach((cell, j) => {
      const value = found[i]?.[j]
      if (typeof cell === 'number' && typeof value === 'number')
        expect(Math.abs(value - cell)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(cell)))
      else expect(value).toEqual(cell)
    })
  })
}

const cellsOf = (found: readonly object[]): unknown[][] => found.map((row) => Object.values(row))

test('filters, orders, groups and joins give what pandas gives', async () => {
  const table = await tableFrom(rows)
  const right = await tableFrom(others)
  expect(await table.rows()).toEqual(rows)
  expect(cellsOf(await table.filter(({ x, kind }) => x.gt(1).and(kind.in(['red', 'blue']))).rows())).toEqual(
    golden.filtered,
  )
  expectClose(
    cellsOf(await table.orderBy('group', col('y').descending(), 'id').select('group', 'y', 'id').rows()),
    golden.sorted,
  )
  const groups = table.filter(({ kind }) => kind.isPresent()).groupBy('kind')
  expectClose(
    cellsOf(
      await groups
        .aggregate(({ x, y, group }) => ({
          n: count(),
          present: x.count(),
          mean: x.mean(),
          std: x.std(),
          var: y.variance(),
          median: y.median(),
          low: y.min(),
          high: y.max(),
          total: x.sum(),
          different: group.countDistinct(),
          mode: group.mode(),
        }))
        .orderBy('kind')
        .rows(),
    ),
    golden.grouped,
  )
  const quartile = groups.aggregate(({ y }) => ({ q: y.quantile(0.3) })).orderBy('kind')
  expectClose([(await quartile.columns()).q], [golden.quartile])
  const first = right.distinct('group').select('group', 'y')
  expectClose(
    cellsOf(
      await table
        .join(first, { on: 'group', how: 'left' })
        .orderBy('y', 'id', 'group')
        .select('id', 'group', 'y', 'y_right' as never)
        .rows(),
    ),
    golden.joined,
  )
  const far = right.filter(({ x }) => x.gt(4))
  expect(await table.join(far, { on: 'group', how: 'semi' }).count()).toBe(golden.matched)
  expect(await table.join(far, { on: 'group', how: 'anti' }).count()).toBe(rows.length - golden.matched)
  expect(await table.distinct().count()).toBe(golden.distinct)
})

test('parts by share have no row in common and are the same each time', async () => {
  const table = await tableFrom({
    i: Int32Array.from({ length: 5000 }, (_, i) => i),
    group: Array.from({ length: 5000 }, (_, i) => `g${i % 41}`),
    rare: Array.from({ length: 5000 }, (_, i) => i % 20 === 0),
    time: Array.from({ length: 5000 }, (_, i) => new Date(Math.floor(i / 3) * 1000)),
  })
  const numbers = async (part: { columns(): Promise<{ i: number[] }> }) => (await part.columns()).i
  const shares = { train: 0.7, validation: 0.1, test: 0.2 }
  for (const options of [{ seed: 3 }, { stratify: 'rare' }, { group: 'group' }, { time: 'time' }] as const) {
    const parts = Object.values(await table.split(shares, options))
    const all = await Promise.all(parts.map(numbers))
    expect(all.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, i) => i))
    const again = Object.values(await table.split(shares, options))
    expect(await Promise.all(again.map(numbers))).toEqual(all)
    if ('seed' in options) expect(all.map(({ length }) => length)).toEqual([3500, 500, 1000])
    if ('stratify' in options)
      expect(all.map((part) => part.filter((i) => i % 20 === 0).length)).toEqual([175, 25, 50])
    if ('group' in options) {
      const groups = all.map((part) => new Set(part.map((i) => i % 41)))
      expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(41)
    }
    if ('time' in options) {
      const times = all.map((part) => part.map((i) => Math.floor(i / 3)))
      expect(Math.max(...(times[0] ?? []))).toBeLessThan(Math.min(...(times[1] ?? [])))
      expect(Math.max(...(times[1] ?? []))).toBeLessThan(Math.min(...(times[2] ?? [])))
    }
  }
  const { train } = await table.split({ train: 0.5, test: 0.5 }, { seed: 1 })
  const { train: other } = await table.split({ train: 0.5, test: 0.5 }, { seed: 2 })
  const both = new Set(await numbers(other))
  // Two independent halves share a quarter of all: 1250, with a standard deviation below 18.
  const shared = (await numbers(train)).filter((i) => both.has(i)).length
  expect(Math.abs(shared - 1250)).toBeLessThan(5 * 18)
  // Rows of a join have no order of their own.
  const joined = table.join(await tableFrom({ rare: [true, false], weight: [1, 2] }), { on: 'rare' })
  const halves = Object.values(await joined.split({ a: 0.5, b: 0.5 }))
  const all = (await Promise.all(halves.map(numbers))).flat()
  expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, i) => i))
  const sample = table.sample({ rows: 100, seed: 5 })
  expect(await numbers(sample)).toEqual((await numbers(sample)).sort((a, b) => a - b))
  expect(await sample.count()).toBe(100)
  const mixed = await numbers(table.shuffle({ seed: 1 }))
  expect(mixed.slice(0, 5)).not.toEqual([0, 1, 2, 3, 4])
  expect([...mixed].sort((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, i) => i))
})

test('a data set of a table goes on where a reading stood', async () => {
  const data = (await tableFrom(rows)).toDataset()
  const reading = data.iterate()
  for (let i = 0; i < 60; i++) await reading.next()
  const rest = data.iterate(JSON.parse(JSON.stringify(reading.getState())))
  expect((await rest.next()).value).toEqual(rows[60])
  await rest.return()
  await reading.return()
  expect(await data.skip(rows.length - 2).toArray()).toEqual(rows.slice(-2))
  const grouped = (await tableFrom(rows)).groupBy('kind').aggregate(({ x }) => ({ x: x.mean() }))
  await expect(grouped.toDataset().skip(1).toArray()).rejects.toThrow(
    'expected rows in the same order each time',
  )
  expect(await grouped.orderBy('kind').toDataset().skip(1).toArray()).toHaveLength(
    (await grouped.count()) - 1,
  )
})

test('rows that a table takes are not chosen by what it is joined with later', async () => {
  // duckdb/duckdb#22924: the optimizer filtered by the keys of the join before it took the first rows.
  const table = await tableFrom({ i: Int32Array.from({ length: 38 }, (_, i) => i) })
  const keyed = table.derive(({ i }) => ({ key: i.mod(3) }))
  const one = await tableFrom({ key: [1] })
  const taken = async (some: typeof keyed) => (await some.join(one, { on: 'key' }).columns()).i
  expect(await taken(keyed.take(10))).toEqual([1, 4, 7])
  expect(await taken(keyed.skip(30))).toEqual([31, 34, 37])
})
