import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { testFolder } from '../testing/test-folder.ts'
import { sql } from './expression.ts'
import type { ReadTableOptions } from './read-options.ts'
import { readTable } from './read-table.ts'
import { tableFrom } from './table-from.ts'

const folder = testFolder('bad')
const { file } = folder

const readAll = async (content: string | Uint8Array, options: ReadTableOptions = {}, name = 'a.csv') =>
  (await readTable(await file(name, content), options)).rows()

const many = (rows: number, row: (i: number) => string): string =>
  Array.from({ length: rows }, (_, i) => row(i)).join('')

/** Rows before one of another type. */
const late = isWhole ? 900_000 : 90_000

test.each<[string, string | Uint8Array, ReadTableOptions, string]>([
  [
    'empty',
    '',
    {},
    'a.csv: expected a table: a line with the names of columns, rows, or both, received an empty file',
  ],
  [
    'short line',
    'a,b\n1,2\n3\n',
    {},
    'a.csv: line 3: expected 2 cells, as the first line has names, received 1: 3',
  ],
  [
    'long line',
    'a,b\n1,2\n3,4,5\n',
    {},
    'a.csv: line 3: expected 2 cells, as the first line has names, received 3: 3,4,5',
  ],
  ['encodings', Buffer.from('a,b\n1,caf\xe9\n', 'latin1'), {}, 'a.csv: line 2: expected text in UTF-8'],
  [
    'names',
    'a,b,a\n1,2,3\n',
    {},
    "a.csv: line 1: expected a name for each column (capitals make no difference), received 'a' more than once",
  ],
  ['capitals', 'id,ID\n1,2\n', {}, "received 'id' and 'ID'"],
  [
    'date',
    'd\n2023-02-28\n2023-02-30\n',
    {},
    `a.csv: line 3: d: expected a value of date32, the column's type, received "2023-02-30"`,
  ],
  ['quotes', 'a,b\n"x,1\n', {}, 'a.csv: line 2: expected a second quotation mark'],
  [
    'late type',
    `a,b\n${many(late, (i) => `${i},x\n`)}oops,y\n`,
    {},
    `a.csv: line ${late + 2}: a: expected a value of DOUBLE, received "oops"`,
  ],
  [
    'late fraction',
    `a,b\n${many(20_000, (i) => `${i},x\n`)}1.5,y\n`,
    {},
    `a.csv: line 20002: a: expected a value of int64, the column's type, received "1.5"`,
  ],
  ...(
    [
      ['day with a time', 'date32', '2024-01-31', '2024-01-31 10:00:00'],
      ['day otherwise written', 'date32', '2024-01-31', '31.01.2024'],
      ['moment of another zone', 'timestamp[us]', '2024-01-31 10:00', '2024-01-31 10:00+02'],
      ['time that is none', 'time64[us]', '10:00', '25:00'],
    ] as const
  ).map(([name, type, first, then]): [string, string, ReadTableOptions, string] => [
    `late ${name}`,
    `a,b\n${first},x\n${then},y\n`,
    { inferFrom: 1 },
    `a.csv: line 3: a: expected a value of ${type}, the column's type, received "${then}"`,
  ]),
  [
    'late truth',
    `a,b\n${many(20_000, () => 'true,x\n')}yes,y\n`,
    {},
    `a.csv: line 20002: a: expected a value of bool`,
  ],
  [
    'types',
    'a,b\n1,2\n',
    { types: { c: 'string' } },
    "readTable: types: expected a column of the table: a, b, received 'c'",
  ],
  [
    'type name',
    'a,b\n1,2\n',
    { types: { a: 'integer' } },
    'readTable: types: a: expected a type that tables have',
  ],
  ['out of range', 'a\n1\n300\n', { types: { a: 'int8' } }, 'a.csv: line 3: a: expected a value of int8'],
])('CSV: %s', async (_, content, options, message) => {
  await expect(readAll(content, options)).rejects.toThrow(message)
})

test('what is odd and right is read', async () => {
  expect(await readAll('a,b\n')).toEqual([])
  expect(await readAll('\uFEFFa,b\r\n1,x\r\n')).toEqual([{ a: 1, b: 'x' }])
  expect(await readAll(Buffer.from('\uFEFFa,b\n1,é\n', 'utf16le'))).toEqual([{ a: 1, b: 'é' }])
  expect(await readAll(Buffer.from('a,b\n1,é\n', 'latin1'), { encoding: 'latin-1' })).toEqual([
    { a: 1, b: 'é' },
  ])
  expect(await readAll('a;b\n1,5;x,y\n', { decimal: ',' })).toEqual([{ a: 1.5, b: 'x,y' }])
  expect(await readAll('a\tb\n1\t-inf\n', {}, 'a.tsv')).toEqual([{ a: 1, b: Number.NEGATIVE_INFINITY }])
  // Postcodes, identifiers beyond int64, and whole numbers beyond 2⁵³.
  expect(await readAll('a,b,c\n007,123456789012345678901,9007199254740993\n')).toEqual([
    { a: '007', b: '123456789012345678901', c: 9007199254740993n },
  ])
  expect(
    await readAll('when,day\n31.12.2023 10:30,24.12.2023\n', {
      dateFormat: '%d.%m.%Y',
      timestampFormat: '%d.%m.%Y %H:%M',
    }),
  ).toEqual([{ when: new Date('2023-12-31T10:30Z'), day: new Date('2023-12-24') }])
})

test('JSON is looked at as a whole', async () => {
  expect(await readAll('{"a":1,"b":"x"}\n{"a":1.5,"c":[1,2]}\n', {}, 'a.jsonl')).toEqual([
    { a: 1, b: 'x', c: null },
    { a: 1.5, b: null, c: [1, 2] },
  ])
  await expect(readAll('{"a":1}\n{"a":"x"}\n', {}, 'b.jsonl')).rejects.toThrow(
    'b.jsonl: object 2: a: expected a number, as in the objects before it, received "x"',
  )
  await expect(readAll('{"a":1}\n{"a":\n', {}, 'c.jsonl')).rejects.toThrow(
    'c.jsonl: line 2: expected an object of JSON',
  )
})

test('several files are one table, by name', async () => {
  const parts = join(folder.path, 'parts')
  await mkdir(join(parts, 'deep'), { recursive: true })
  await writeFile(join(parts, '1.csv'), 'a,b\n1,x\n')
  await writeFile(join(parts, 'deep', '2.csv'), 'b,a\ny,2.5\n')
  const expected = [
    { a: 1, b: 'x' },
    { a: 2.5, b: 'y' },
  ]
  expect(await (await readTable(parts)).rows()).toEqual(expected)
  expect(await (await readTable(join(parts, '**/*.csv'))).rows()).toEqual(expected)
  await writeFile(join(parts, '3.csv'), 'a,c\n3,z\n')
  await expect(readTable(parts)).rejects.toThrow(
    /3\.csv: expected the columns of .*1\.csv: a, b, received none called b, and c as well/,
  )
  const union = await readTable(parts, { unionByName: true })
  expect(await union.rows()).toEqual([
    { a: 1, b: 'x', c: null },
    { a: 3, b: null, c: 'z' },
    { a: 2.5, b: 'y', c: null },
  ])
  await symlink('/etc/hosts', join(parts, 'hosts.csv'))
  await expect(readTable(parts)).rejects.toThrow(/expected files within .*parts, received the link/)
  await expect(readTable(join(folder.path, 'nothing.csv'))).rejects.toThrow('where there is nothing')
})

test('SQL reads what it was given, and writes nothing', async () => {
  const people = await tableFrom({ id: [1, 2], name: ['Ada', 'Alan'] })
  const secret = await file('secret.csv', 'a\n1\n')
  const ask = async (text: string) => (await readTable({ sql: text, files: { people } })).rows()
  expect(await ask('SELECT name FROM people ORDER BY name -- names')).toEqual([
    { name: 'Ada' },
    { name: 'Alan' },
  ])
  for (const [text, verb] of [
    ['DROP TABLE people', 'DROP'],
    ["INSERT INTO people VALUES (3, 'x')", 'INSERT'],
    [`COPY people TO '${join(folder.path, 'out.csv')}'`, 'COPY'],
    ["ATTACH 'x.db'", 'ATTACH'],
    ["SET memory_limit = '1GB'", 'SET'],
    ['SELECT 1; DROP TABLE people', 'DROP'],
    ['SELECT 1; SELECT 2', '2 statements'],
  ] as const) {
    const refused = ask(text)
    await expect(refused).rejects.toThrow('one SELECT: tables are read, and nothing is written')
    if (!text.includes(';')) await expect(refused).rejects.toThrow(`received ${verb}`)
  }
  await expect(ask(`SELECT * FROM read_csv('${secret}')`)).rejects.toThrow(
    'only the files that readTable was given',
  )
  await expect(ask(`SELECT * FROM read_text('${folder.path}/*')`)).rejects.toThrow(
    'only the files that readTable was given',
  )
  await expect(ask(`SELECT * FROM '${secret}'`)).rejects.toThrow('only the files that readTable was given')
  await expect(ask('SELECT nme FROM people')).rejects.toThrow("received 'nme'. Did you mean 'name'?")
  await expect(ask('SELECT 1) UNION (SELECT 2')).rejects.toThrow('syntax error')
  // Values that were bound are not those of parameters that stand in the text.
  for (const text of ['SELECT $1 AS a FROM people', 'SELECT ? AS a FROM people', 'SELECT $least AS a'])
    await expect(ask(text)).rejects.toThrow('expected SQL in whose template values stand')
  await expect(people.filter(sql`id = $1 AND id < ${5}`).rows()).rejects.toThrow('received a parameter')
  await expect(readTable(sql`SELECT ?, ${'x'} AS b FROM ${people}`)).rejects.toThrow('received a parameter')
  expect(await people.filter(sql`name <> '$1 ?' AND id < ${2}`).count()).toBe(1)
  expect(await (await readTable({ sql: 'SELECT a + 1 AS b FROM secret', files: secret })).rows()).toEqual([
    { b: 2 },
  ])
})

test('what cannot be written leaves no file', async () => {
  const out = join(folder.path, 'written')
  await mkdir(out)
  const people = await tableFrom({ age: ['36', 'x'] })
  await people.write(join(out, 'people.csv'))
  const failing = people.derive(({ age }) => ({ age: age.cast('int32') }))
  await expect(failing.write(join(out, 'people.csv'))).rejects.toThrow("Could not convert string 'x'")
  expect(await readdir(out)).toEqual(['people.csv'])
  expect(await (await readTable(join(out, 'people.csv'))).columns()).toEqual({ age: ['36', 'x'] })
  await expect(people.write(join(out, 'people.xlsx'))).rejects.toThrow('ends in .csv, .tsv, .parquet')
})

test('columns that there are not are named with the nearest', async () => {
  const table = await tableFrom({ height: [1], weight: [2] })
  expect(() => table.select('heigth' as 'height')).toThrow(
    "Table.select: expected a column of the table: height, weight, received 'heigth'. Did you mean 'height'?",
  )
  expect(() =>
    table.filter((columns) =>
      (columns as unknown as { readonly wieght: typeof columns.height }).wieght.gt(1),
    ),
  ).toThrow("Did you mean 'weight'?")
  await expect(tableFrom([{ a: 1 }, { a: 'x' }])).rejects.toThrow(
    'tableFrom: row 1: a: expected int64, as in the rows before it, received string',
  )
  await expect(tableFrom({ a: [1], b: [1, 2] })).rejects.toThrow(
    'expected columns of one length: 1, as a has, received 2 values of b',
  )
})
