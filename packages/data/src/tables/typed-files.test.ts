import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../testing/test-folder.ts'
import type { ReadTableOptions } from './read-options.ts'
import { readTable } from './read-table.ts'
import { tableFrom } from './table-from.ts'

const folder = testFolder('typed')
const { file } = folder

test.each<[string, string | Uint8Array, ReadTableOptions, string]>([
  ['a.jsonl', '\n\n', {}, 'a.jsonl: expected a table'],
  ['a.json', '[]', {}, 'a.json: expected a table'],
  ['a.json', '[1, 2]', {}, 'a.json: expected objects with the columns of a row each, received other values'],
  ['a.jsonl', '{"a":1}\n7\n', {}, 'a.jsonl: expected objects with the columns of a row each'],
  ['a.jsonl', '{"a":1}\n{"a":x}\n{"a":2}\n', {}, 'a.jsonl: line 2: expected an object of JSON'],
  ['a.json', '[{"a":1},{"a":', {}, 'a.json: expected JSON'],
  [
    'a.jsonl',
    '{"id":1,"ID":2}\n',
    {},
    'a.jsonl: expected a name for each column (capitals make no difference)',
  ],
  ['a.jsonl', '{"a":1,"a":2}\n', {}, 'a.jsonl: line 1: '],
  ['a.jsonl', '\uFEFF{"a":1}\n', {}, 'a.jsonl: expected JSON in UTF-8, without a mark of byte order'],
  [
    'a.jsonl',
    Buffer.from('{"a":"x"}\n{"a":"é"}\n{"a":"caf\xe9"}\n{"a":"y"}\n', 'latin1'),
    {},
    'a.jsonl: line 2: expected text in UTF-8',
  ],
  ['a.jsonl', '{"a":1}\n{"a":1.5}\n', { inferFrom: 1 }, "inferFrom: expected 'all' or nothing for JSON"],
  [
    'a.jsonl',
    '{"a":1}\n{"a":1.5}\n',
    { types: { a: 'int64' } },
    `a.jsonl: object 2: a: expected a value of int64, the column's type, received "1.5"`,
  ],
  [
    'a.jsonl',
    '{"a":7}\n{"a":300}\n',
    { types: { a: 'int8' } },
    'a.jsonl: object 2: a: expected a value of int8',
  ],
  [
    'a.jsonl',
    '{"a":"7"}\n{"a":"7.5"}\n',
    { types: { a: 'int64' } },
    'a.jsonl: object 2: a: expected a value of int64',
  ],
  [
    'a.jsonl',
    '{"a":1}\n{"a":2}\n',
    { types: { a: 'bool' } },
    'a.jsonl: object 2: a: expected a value of bool',
  ],
])('JSON %#: %s', async (name, content, options, message) => {
  const read = readTable(await file(name, content), options).then((table) => table.rows())
  await expect(read).rejects.toThrow(message)
})

test('JSON keeps what it holds', async () => {
  const table = await readTable(
    await file(
      'kept.jsonl',
      '{"id":9007199254740993,"id_1":1,"u":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","zip":"007"}\n{"id":-1,"json":"x"}\n',
    ),
  )
  expect(await table.rows()).toEqual([
    { id: 9007199254740993n, id_1: 1, u: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', zip: '007', json: null },
    { id: -1, id_1: null, u: null, zip: null, json: 'x' },
  ])
  const path = await file('mixed.jsonl', '{"a":"7"}\n{"a":8}\n')
  expect(await (await readTable(path, { types: { a: 'int32' } })).columns()).toEqual({ a: [7, 8] })
  expect(await (await readTable(path, { types: { a: 'string' } })).columns()).toEqual({ a: ['7', '8'] })
})

test('Parquet is cast without loss, or refused by file, row and column', async () => {
  const paths = [join(folder.path, '1.parquet'), join(folder.path, '2.parquet')]
  const noon = new Date('2024-01-31T12:00Z')
  await (await tableFrom({ a: [1, 2], text: ['7', '8.5'], at: [new Date('2024-01-31'), noon] })).write(
    paths[0] as string,
  )
  await (await tableFrom({ a: [2.5], text: ['9'], at: [noon] })).write(paths[1] as string)
  const read = async (types: Readonly<Record<string, string>>, from: string | string[] = paths) =>
    (await readTable(from, { types })).columns()
  expect(await read({})).toMatchObject({ a: [1, 2, 2.5] })
  expect(await read({ a: 'int8' }, paths[0])).toMatchObject({ a: [1, 2] })
  expect(await read({ a: 'string' })).toMatchObject({ a: ['1.0', '2.0', '2.5'] })
  await expect(read({ a: 'int64' })).rejects.toThrow(
    /2\.parquet: row 1: a: expected a value of int64, the column's type, received "2\.5"/,
  )
  await expect(read({ text: 'int32' })).rejects.toThrow(/1\.parquet: row 2: text: .* received "8\.5"/)
  await expect(read({ at: 'date32' })).rejects.toThrow(
    /1\.parquet: row 2: at: .* received "2024-01-31 12:00:00"/,
  )
  await expect(read({}, await file('cut.parquet', 'PAR1 and no more'))).rejects.toThrow(
    /cut\.parquet: expected whole files of Parquet/,
  )
})
