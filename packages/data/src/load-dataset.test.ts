import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { feature } from './features/feature.ts'
import { featuresOfPython } from './features/python-features.ts'
import { splitsOfNames } from './folders/splits.ts'
import { loadDataset } from './load-dataset.ts'

// Made by Python: tools/golden/make_data_files.py.
const golden = fileURLToPath(new URL('../golden', import.meta.url))
const read = <T>(file: string): T => JSON.parse(readFileSync(join(golden, file), 'utf8'), revived)

/** What JSON cannot say stands under names with $. */
function revived(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { $bigint, $number, $date, $bytes } = value as Record<string, string | undefined>
  if ($bigint !== undefined) return BigInt($bigint)
  if ($number !== undefined)
    return $number === 'nan' ? Number.NaN : Number(`${$number.replace('inf', 'Infinity')}`)
  if ($date !== undefined) return new Date(Number($date))
  if ($bytes !== undefined) return Uint8Array.from(Buffer.from($bytes, 'hex'))
  return value
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-data-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes files under a folder of this test. @returns the folder. */
function place(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = join(folder, name)
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content)
  }
  return root
}

describe('every type that pyarrow writes is read as Python reads it', () => {
  const rows = read<readonly object[]>('types/rows.json')
  const dtypes = read<Readonly<Record<string, string>>>('types/dtypes.json')
  test.each([
    ...['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4', 'version-2'].map((name) => `${name}.parquet`),
    ...['stream', 'file', 'lz4', 'zstd'].map((name) => `${name}.arrow`),
  ])('%s', async (file) => {
    const found = await loadDataset(join(golden, 'types', file), { split: 'train' })
    expect(await found.toArray()).toEqual(rows)
    // In parts, and of Parquet a column alone.
    const streamed = await loadDataset(join(golden, 'types', file), {
      split: 'train',
      streaming: true,
      columns: ['nested', 'int64'],
    })
    expect(await streamed.toArray()).toEqual(
      rows.map((row) => {
        const { nested, int64 } = row as Record<string, unknown>
        return { nested, int64 }
      }),
    )
    const names = (name: string): string =>
      (dtypes[name] ?? '')
        .replace('halffloat', 'float16')
        .replace(/\bfloat\b/, 'float32')
        .replace('double', 'float64')
        .replace(/^date32\[day\]$/, 'date32')
    for (const [name, one] of Object.entries(found.features ?? {})) {
      if (one.kind !== 'value') continue
      // Parquet has no large texts, and no more than one name for each zone.
      const stored = file.endsWith('parquet') ? names(name).replace('large_', '') : names(name)
      expect([name, one.dtype]).toEqual([name, stored])
    }
    expect(Object.keys(found.features ?? {})).toEqual(Object.keys(dtypes))
  })
})

test.each(['a.parquet', 'a.arrow'])('dictionaries over several batches: %s', async (file) => {
  const found = await loadDataset(join(golden, 'dictionary', file), { split: 'train', streaming: true })
  expect(await found.toArray()).toEqual(read('dictionary/rows.json'))
})

describe('what Hugging Face’s datasets wrote', () => {
  const features = featuresOfPython(read('features.json'), 'golden')
  const rows = read<Readonly<Record<string, readonly object[]>>>('features-rows.json')
  test.each(['saved', 'hub'])('%s', async (name) => {
    const splits = await loadDataset(join(golden, name))
    expect(splits.names).toEqual(['train', 'test'])
    for (const [split, found] of splits) {
      expect(await found.toArray(), split).toEqual(rows[split])
      expect(found.features).toEqual(features)
    }
    expect(splits.train.features?.label).toEqual({ kind: 'classLabel', names: ['negative', 'positive'] })
    expect(splits.train.features?.audio).toEqual({ kind: 'audio', samplingRate: 16000 })
  })

  test('a split that save_to_disk wrote, alone', async () => {
    expect(await (await loadDataset(join(golden, 'saved/test'))).train.toArray()).toEqual(rows.test)
  })

  test('a card tells features, configs and files', async () => {
    const [, yaml] = readFileSync(join(golden, 'card.md'), 'utf8').split('---\n')
    const root = place('card', {
      'README.md': `---
configs:
- config_name: main
  default: true
  data_files:
  - split: train
    path: ["parts/*.jsonl"]
  - split: held
    path: other/**/x.jsonl
- config_name: second
  data_dir: elsewhere
${yaml}---
# Text`,
      'parts/1.jsonl': '{"text": "a", "label": "positive"}\n',
      'parts/2.jsonl': '{"text": "b", "label": 0}\n',
      'other/deep/x.jsonl': '{"text": "c", "label": -1}\n',
      'elsewhere/test.jsonl': '{"text": "d"}\n',
    })
    const found = await loadDataset(root)
    expect(found.names).toEqual(['train', 'held'])
    expect(found.train.features).toEqual(features)
    const shown = async (name: string) =>
      (await found.get(name).toArray()).map(({ text, label }) => [text, label])
    expect(await shown('train')).toEqual([
      ['a', 1],
      ['b', 0],
    ])
    expect(await shown('held')).toEqual([['c', -1]])
    expect((await loadDataset(root, { config: 'second' })).names).toEqual(['test'])
    await expect(loadDataset(root, { config: 'third' })).rejects.toThrow(
      /config: expected one of main, second, received 'third'/,
    )
  })
})

describe('text files give what Python’s readers give', () => {
  const cases = read<Readonly<Record<string, { features: object; rows: object[] }>>>('text-files.json')
  test.each(Object.keys(cases))('%s', async (file) => {
    const { features, rows } = cases[file] as (typeof cases)[string]
    const path = join(golden, file)
    const options = { split: 'train', ...(file.includes('field') && { field: 'data' }) }
    const found = await loadDataset(path, options)
    expect(await found.toArray()).toEqual(rows)
    const dtypes = JSON.parse(JSON.stringify(features).replaceAll('large_string', 'string'))
    expect(found.features).toEqual(featuresOfPython(dtypes, 'golden'))
    const packed = place('packed', { [`${file}.gz`]: gzipSync(readFileSync(path)) })
    const streamed = await loadDataset(join(packed, `${file}.gz`), { ...options, streaming: true })
    expect(await streamed.toArray()).toEqual(rows)
  })

  test('lines of text', async () => {
    const root = place('text', { 'train.txt': '\ufeffone\r\n\ntwo' })
    expect(await (await loadDataset(root)).train.toArray()).toEqual([
      { text: 'one' },
      { text: '' },
      { text: 'two' },
    ])
  })
})

test('files belong to the splits in which Python puts them', () => {
  const cases = read<readonly { files: string[]; splits: Record<string, string[]> }[]>('splits.json')
  for (const { files, splits } of cases)
    expect(Object.fromEntries(splitsOfNames(files)), files.join()).toEqual(splits)
})

test('given features type the rows', async () => {
  const root = place('typed', { 'train.csv': 'text,label,when\na,spam,2024-02-29\n,ham,\n' })
  const { train } = await loadDataset(root, {
    features: {
      text: feature.value('string'),
      label: feature.classLabel(['ham', 'spam']),
      when: feature.value('date32'),
    },
  })
  const [first, second] = await train.toArray()
  expectTypeOf(first).toEqualTypeOf<
    { readonly text: string | null; readonly label: number | null; readonly when: Date | null } | undefined
  >()
  expect([first, second]).toEqual([
    { text: 'a', label: 1, when: new Date('2024-02-29') },
    { text: null, label: 0, when: null },
  ])
})

describe('what is broken is named by file and place', () => {
  test.each([
    ['line.jsonl', '{"a": 1}\n\n{"a": \n', /line\.jsonl: line 3: expected an object of JSON/],
    ['array.jsonl', '{"a": 1}\n[1]\n', /array\.jsonl: line 2: expected an object of JSON, received \[1\]/],
    [
      'type.jsonl',
      '{"a": {"b": 1}}\n{"a": {"b": "x"}}\n',
      /type\.jsonl: line 2: a\.b: expected int64, as before, received string/,
    ],
    ['cut.json', '[{"a": 1},', /cut\.json: expected JSON/],
    ['ragged.csv', 'a,b\n1,2\n3\n', /ragged\.csv: line 3: .*Invalid Record Length/],
    ['quote.csv', 'a,b\n1,"2\n3,4\n', /quote\.csv: line \d: .*Quote Not Closed/],
    [
      'double.csv',
      'a,b,a\n1,2,3\n',
      /double\.csv: line 1: expected a name for each column, received 'a' more/,
    ],
    ['empty.csv', '', /empty\.csv: expected a line with the names of columns, received an empty file/],
    ['latin.csv', Uint8Array.of(97, 10, 0xe9, 10), /latin\.csv: .*UTF-8/],
    ['latin.txt', Uint8Array.of(97, 10, 0xe9, 10), /latin\.txt: line 2: expected text in UTF-8/],
    ['text.parquet', 'PAR1 nothing', /text\.parquet: expected a whole file of Parquet/],
    ['text.arrow', 'ARROW1 nothing at all', /text\.arrow: expected/],
    ['packed.jsonl.gz', 'not packed', /packed\.jsonl\.gz: expected a file that can be read/],
  ] as const)('%s', async (name, content, message) => {
    const root = place('broken', { [name]: content })
    await expect(loadDataset(join(root, name))).rejects.toThrow(message)
  })

  test.each(['types/none.parquet', 'types/stream.arrow', 'types/file.arrow', 'types/zstd.parquet'])(
    '%s, cut off anywhere, is refused',
    async (file) => {
      const { length } = readFileSync(join(golden, file))
      for (const share of [0, 0.1, 0.5, 0.9]) {
        const path = join(place('cut', {}), 'x')
        mkdirSync(dirname(path), { recursive: true })
        const copy = `${path}${file.slice(file.lastIndexOf('.'))}`
        cpSync(join(golden, file), copy)
        truncateSync(copy, Math.floor(length * share))
        await expect(loadDataset(copy)).rejects.toThrow(/x\.(parquet|arrow): expected/)
      }
    },
  )

  test('what streaming finds later does not fit, and says where', async () => {
    const root = place('late', {
      'train.csv': `n\n${'1\n'.repeat(50)}x\n`,
      'test.jsonl': `${'{"n": 1}\n'.repeat(20)}{"n": 1, "m": 2}\n`,
    })
    const options = { streaming: true, inferFrom: 10 }
    const csv = await loadDataset(join(root, 'train.csv'), { ...options, split: 'train' })
    await expect(csv.count()).rejects.toThrow(/train\.csv: line 52: n: expected int64, received "x"/)
    const json = await loadDataset(join(root, 'test.jsonl'), { ...options, split: 'train' })
    await expect(json.count()).rejects.toThrow(/test\.jsonl: line 21: expected columns of n, received 'm'/)
    // All of them are looked at where they are kept.
    const whole = await loadDataset(join(root, 'train.csv'), { split: 'train' })
    expect(whole.features).toEqual({ n: feature.value('string') })
  })

  test('files that do not go together, columns and splits that there are not', async () => {
    const root = place('unlike', {
      'train-1.csv': 'a,b\n1,2\n',
      'train-2.csv': 'a,c\n1,2\n',
      'test.csv': 'a\n1\n',
      'test.jsonl': '{}\n',
    })
    await expect(loadDataset(root, { split: 'train' })).rejects.toThrow(
      /train-2\.csv: expected the columns a, b, received a, c/,
    )
    await expect(loadDataset(root, { split: 'test' })).rejects.toThrow(/expected files of one format \(CSV\)/)
    await expect(loadDataset(root, { split: 'dev' })).rejects.toThrow(
      /expected a split of this data set: train, test, received 'dev'/,
    )
    const only = await loadDataset(root, { dataFiles: { test: 'test.csv' } })
    expect(() => only.train).toThrow(/: test, received 'train'/)
    await expect(loadDataset(root, { dataFiles: 'none*.csv' })).rejects.toThrow(
      /files that match 'none\*\.csv'/,
    )
    await expect(loadDataset(root, { dataFiles: { test: 'test.csv' }, columns: ['z'] })).rejects.toThrow(
      /columns: expected columns of a, received 'z'/,
    )
    await expect(loadDataset(join(root, 'nowhere'))).rejects.toThrow(/where there is nothing/)
    await expect(
      loadDataset(
        place('out', {
          'state.json': '{"_data_files": [{"filename": "../x.arrow"}]}',
          'dataset_info.json': '{}',
        }),
      ),
    ).rejects.toThrow(/expected names of files in this folder, received '\.\.\/x\.arrow'/)
    await expect(loadDataset(root, { spilt: 'train' } as object)).rejects.toThrow(/split/)
  })
})
