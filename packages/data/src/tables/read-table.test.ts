import { expect, test } from 'vitest'
import { testFolder } from '../testing/test-folder.ts'
import { col, sql } from './expression.ts'
import { readTable } from './read-table.ts'

const folder = testFolder('tables')
const { file } = folder

const people = `name,age,height,born,member,zip,seen
Ada,36,1.65,1815-12-10,true,01234,1842-07-01T10:00:00
"Grace, B.",85,1.7,1906-12-09,False,99999,1950-01-01 12:30:15.25
Alan,,,1912-06-23,,00010,
`

test('a CSV file has typed columns, and its rows are filtered and chosen from', async () => {
  const table = await readTable<{
    name: string
    age: number | null
    height: number | null
    born: Date
    member: boolean | null
    zip: string
    seen: Date | null
  }>(await file('people.csv', people))
  expect(table.columnNames).toEqual(['name', 'age', 'height', 'born', 'member', 'zip', 'seen'])
  expect(await table.features()).toEqual(
    Object.fromEntries(
      Object.entries({
        name: 'string',
        age: 'int64',
        height: 'float64',
        born: 'date32',
        member: 'bool',
        zip: 'string',
        seen: 'timestamp[us]',
      }).map(([name, dtype]) => [name, { kind: 'value', dtype }]),
    ),
  )
  expect(await table.rows()).toEqual([
    {
      name: 'Ada',
      age: 36,
      height: 1.65,
      born: new Date('1815-12-10'),
      member: true,
      zip: '01234',
      seen: new Date('1842-07-01T10:00:00Z'),
    },
    {
      name: 'Grace, B.',
      age: 85,
      height: 1.7,
      born: new Date('1906-12-09'),
      member: false,
      zip: '99999',
      seen: new Date('1950-01-01T12:30:15.250Z'),
    },
    {
      name: 'Alan',
      age: null,
      height: null,
      born: new Date('1912-06-23'),
      member: null,
      zip: '00010',
      seen: null,
    },
  ])
  expect(
    await table
      .filter(({ age }) => age.gt(40))
      .select('name', 'age')
      .rows(),
  ).toEqual([{ name: 'Grace, B.', age: 85 }])
  expect(await table.filter(sql`born < ${new Date('1900-01-01')}`).columns()).toMatchObject({ name: ['Ada'] })
  expect(await table.filter(({ name }) => name.in(['Alan', "O'Hara"])).count()).toBe(1)
  expect(await table.orderBy(col('age').descending()).select('age').rows()).toEqual([
    { age: 85 },
    { age: 36 },
    { age: null },
  ])
  expect(await table.skip(1).take(1).select('name').first()).toEqual({ name: 'Grace, B.' })
})
