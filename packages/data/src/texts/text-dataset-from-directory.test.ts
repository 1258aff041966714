import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import type { Tensor } from 'typegrad'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import type { FileDataset } from '../labelled/file-dataset.ts'
import { openedFolder } from '../testing/folder-handle.ts'
import { type TextDirectoryOptions, textDatasetFromDirectory } from './text-dataset-from-directory.ts'

// What Keras gives: tools/golden/make_labelled_folders.py.
interface Golden {
  readonly files: readonly string[]
  readonly cases: readonly {
    readonly options: Readonly<Record<string, unknown>>
    readonly paths: readonly string[]
    readonly labels: readonly number[] | null
    readonly classNames: readonly string[] | null
  }[]
  readonly texts: readonly {
    readonly labelMode: 'int' | 'categorical' | 'binary' | null
    readonly maxLength: number | null
    readonly batches: readonly { texts: string[]; labels: unknown; dtype: string | null }[]
  }[]
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../golden/labelled-folders.json', import.meta.url), 'utf8'),
)

const camel = (options: object): TextDirectoryOptions =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )

let root: string
let folder: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-texts-'))
  folder = join(root, 'all')
  for (const [i, name] of golden.files.entries()) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), `text ${i} of naïve cafés`)
  }
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const pathsOf = (set: FileDataset<unknown>): string[] => set.filePaths.map((path) => relative(folder, path))

describe('files, labels, classes and parts are those of Keras', () => {
  test.each(golden.cases.map((each) => [JSON.stringify(each.options), each] as const))(
    '%s',
    async (_, each) => {
      const options = camel(each.options)
      const set = await textDatasetFromDirectory(folder, options)
      expect(pathsOf(set)).toEqual(each.paths)
      expect(set.classNames).toEqual(each.classNames)
      // In order: labels beside their files. (The part for training would be mixed in reading.)
      if (options.shuffle !== false || each.labels === null) return
      const labels: number[] = []
      for await (const [, batch] of set) labels.push(...((await batch.toArray()) as number[]))
      expect(labels).toEqual(each.labels)
    },
  )

  test('both parts at once, and their files stay together with their labels when they are mixed', async () => {
    const [training, validation] = await textDatasetFromDirectory(folder, {
      seed: 1,
      validationSplit: 0.29,
      subset: 'both',
      batchSize: 3,
    })
    const wanted = golden.cases.filter(({ options }) => options.seed === 1).map(({ paths }) => paths)
    expect([pathsOf(training), pathsOf(validation)]).toEqual(wanted)
    const names = ['Dogs', 'birds', 'cats', 'empty']
    const readings: string[][] = []
    for (let i = 0; i < 2; i++) {
      const order: string[] = []
      for await (const [texts, labels] of training) {
        for (const [j, label] of ((await labels.toArray()) as number[]).entries()) {
          const file = golden.files[Number(/\d+/.exec(texts[j] as string)?.[0])] as string
          expect(file.split('/')[0]).toBe(names[label])
          order.push(file)
        }
      }
      readings.push(order)
    }
    expect(readings[0]).not.toEqual(readings[1])
    expect([...(readings[0] as string[])].sort()).toEqual([...(readings[1] as string[])].sort())
  })
})

describe('batches are those of Keras', () => {
  test.each(golden.texts.map((each) => [`${each.labelMode} ${each.maxLength}`, each] as const))(
    '%s',
    async (_, { labelMode, maxLength, batches }) => {
      const set = await textDatasetFromDirectory(folder, {
        labelMode,
        maxLength,
        batchSize: 5,
        shuffle: false,
        ...(labelMode === 'binary' && { classNames: ['cats', 'birds'] }),
      })
      const found: unknown[] = []
      for await (const batch of set as FileDataset<unknown>) {
        const [texts, labels] = labelMode === null ? [batch, null] : (batch as [string[], Tensor])
        found.push({
          texts,
          labels: labels === null ? null : await labels.toArray(),
          dtype: labels?.dtype ?? null,
        })
      }
      expect(found).toEqual(batches)
    },
  )
})

test('types follow the options', () => {
  const plain = () => textDatasetFromDirectory('x')
  const texts = () => textDatasetFromDirectory('x', { labels: null })
  const single = () => textDatasetFromDirectory('x', { labelMode: null, batchSize: null })
  expectTypeOf(plain).returns.resolves.toEqualTypeOf<FileDataset<[readonly string[], Tensor]>>()
  expectTypeOf(texts).returns.resolves.toEqualTypeOf<FileDataset<readonly string[]>>()
  expectTypeOf(single).returns.resolves.toEqualTypeOf<FileDataset<string>>()
})

test('handles and lists of a browser give the same files', async () => {
  const names = golden.files
  const handle = openedFolder('all', Object.fromEntries(names.map((name, i) => [name, `text ${i}`])))
  const files = names.map((name, i) =>
    Object.assign(new File([`text ${i}`], name.split('/').at(-1) as string), {
      webkitRelativePath: `all/${name}`,
    }),
  )
  for (const source of [handle, files]) {
    for (const { options, paths, classNames } of golden.cases) {
      const set = await textDatasetFromDirectory(source, camel(options))
      expect(set.filePaths).toEqual(paths)
      expect(set.classNames).toEqual(classNames)
    }
    const [texts] = await textDatasetFromDirectory(source, { labels: null, shuffle: false, batchSize: 99 })
      .then((set) => set.toArray())
      .then((batches) => batches as [string[]])
    expect(texts[0]).toBe('text 19')
  }
})

test('a reading goes on where it stood', async () => {
  const set = await textDatasetFromDirectory(folder, { seed: 2, batchSize: 3 })
  const texts = async (iterator: AsyncIterator<[readonly string[], Tensor]>) =>
    (await iterator.next()).value?.[0]
  const reading = set.iterate()
  await texts(reading)
  const state = JSON.parse(JSON.stringify(reading.getState()))
  const again = await textDatasetFromDirectory(folder, { seed: 2, batchSize: 3 })
  const rest = again.iterate(state)
  expect(await texts(rest)).toEqual(await texts(reading))
  await Promise.all([rest.return(), reading.return()])
})

describe('links', () => {
  test('are entered where that is asked for, and lead round no circle', async () => {
    const inner = join(root, 'links/a')
    mkdirSync(inner, { recursive: true })
    mkdirSync(join(root, 'elsewhere'))
    writeFileSync(join(inner, '1.txt'), 'one')
    writeFileSync(join(root, 'elsewhere/2.txt'), 'two')
    symlinkSync(join(root, 'elsewhere'), join(inner, 'there'))
    symlinkSync(join(root, 'links'), join(inner, 'back'))
    const found = async (followLinks: boolean) =>
      (await textDatasetFromDirectory(join(root, 'links'), { followLinks, shuffle: false })).filePaths.map(
        (path) => relative(root, path),
      )
    expect(await found(false)).toEqual(['links/a/1.txt'])
    expect(await found(true)).toEqual(['links/a/1.txt', 'links/a/there/2.txt'])
  })
})

describe('what cannot be is refused', () => {
  const refused = (options: object, path = folder) =>
    expect(textDatasetFromDirectory(path, options as TextDirectoryOptions)).rejects
  test.each([
    [{ maxlength: 3 }, 'Did you mean maxLength?'],
    [{ labelMode: 'ints' }, "labelMode: expected 'int' or 'categorical' or 'binary', or null"],
    [
      { labelMode: 'binary' },
      "exactly two classes, 0 and 1, for labelMode: 'binary', received 4: Dogs, birds",
    ],
    [{ labels: [1, 2] }, 'expected a label for each of 18 files'],
    [{ labels: [0.5] }, 'received 0.5'],
    [{ labels: null, classNames: ['cats'] }, "classNames only with labels: 'inferred'"],
    [{ classNames: ['cats', '../all'] }, "each once: Dogs, birds, cats, empty, received '../all'"],
    [{ classNames: ['cats', 'cats'] }, "received 'cats'"],
    [
      { validationSplit: 0.2 },
      'expected validationSplit and subset together, received validationSplit alone',
    ],
    [{ validationSplit: 1.2, subset: 'both' }, 'a number above 0 and below 1, received 1.2'],
    [
      { validationSplit: 0.01, subset: 'training' },
      'leaves at least one for each part, received 0.01, which is 0',
    ],
    [{ seed: 2 ** 32 }, 'below 2³²'],
    [{ encoding: 'utf-9' }, 'expected a name of the Encoding Standard'],
    [{ batchSize: 0 }, 'batchSize: expected a positive whole number, or null, received 0'],
  ])('%j', async (options, message) => {
    await refused(options).toThrow(message)
  })

  test('folders', async () => {
    await refused({}, join(folder, 'nowhere')).toThrow(
      /expected a folder, received '.*nowhere', which is not there/,
    )
    await refused({}, join(folder, 'loose.txt')).toThrow(/loose.txt', a file/)
    await refused({}, join(folder, 'birds')).toThrow(
      'expected files that end in .txt, received a folder without folders. Files stand in folders that are classes; without these say labels: null.',
    )
    await expect(textDatasetFromDirectory(7 as never)).rejects.toThrow(
      'expected the path or the handle of a folder, or an array of Files, received number',
    )
  })

  test('bytes that are no text, by file and line; or they are left out, and told', async () => {
    const latin = join(root, 'latin')
    mkdirSync(join(latin, 'a'), { recursive: true })
    writeFileSync(join(latin, 'a/1.txt'), 'fine')
    writeFileSync(join(latin, 'a/2.txt'), Buffer.from('one\ntwo\ncaf\xe9', 'latin1'))
    symlinkSync('nowhere', join(latin, 'a/3.txt'))
    const all = (options: TextDirectoryOptions) =>
      textDatasetFromDirectory(latin, { labels: null, shuffle: false, ...options }).then((set) =>
        set.toArray(),
      )
    await expect(all({})).rejects.toThrow(/a\/2\.txt: line 3: expected text in utf-8, received other bytes/)
    const told: string[] = []
    expect(
      await all({
        corrupt: 'skip',
        onSkip: ({ path, error }) => told.push(`${relative(latin, path)} ${error.message}`),
      }),
    ).toEqual([['fine']])
    told.sort()
    expect(told.map((line) => line.split(' ')[0])).toEqual(['a/2.txt', 'a/3.txt'])
    expect(told[1]).toContain('ENOENT')
    expect((await all({ encoding: 'windows-1252', corrupt: 'skip' }))[0]).toEqual(['fine', 'one\ntwo\ncafé'])
  })
})
