import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crossValidate, layers, sequential } from 'typegrad'
import { damagedJson } from 'typegrad/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RowDataset } from '../rows/row-dataset.ts'
import { readTable } from '../tables/read-table.ts'
import { cleaning } from './cleaning.ts'
import { FittedRecipe, Recipe, recipe } from './recipe.ts'

const people = [
  { age: 31, city: 'Oslo', joined: '2024-01-31', pay: '$1,200.50', left: 'no' },
  { age: null, city: 'Rome', joined: '2023-06-01', pay: '(300)', left: 'yes' },
  { age: 58, city: 'Oslo', joined: '2024-02-29', pay: '12 %', left: 'no' },
  { age: 44, city: null, joined: '2022-12-24', pay: '$7', left: 'yes' },
]
const steps = [
  cleaning.parseNumbers('pay', { format: 'en' }),
  cleaning.parseDates('joined'),
  cleaning.dateParts('joined', { parts: ['year'], cycles: ['month'] }),
  cleaning.impute('age', { strategy: 'median', indicator: true }),
  cleaning.impute('city', { strategy: 'constant', value: 'nowhere' }),
  cleaning.oneHot('city', { unknown: 'ignore' }),
  cleaning.standardize(['age', 'pay']),
  cleaning.ordinal('left', { order: ['no', 'yes'] }),
]
const people1 = recipe(steps, { target: 'left' })

describe('a recipe', () => {
  test('ends in a matrix with names, and in labels', async () => {
    const { fitted, frame } = await people1.fitTransform(people)
    const { x, y, names } = frame.toMatrix()
    expect(names).toEqual([
      'age',
      'city_Oslo',
      'city_Rome',
      'city_nowhere',
      'joined_year',
      'joined_month_sin',
      'joined_month_cos',
      'pay',
      'age_missing',
    ])
    expect(fitted.featureNames).toEqual(names)
    expect(x.shape).toEqual([4, 9])
    expect(await y?.toArray()).toEqual([0, 1, 0, 1])
    const pays = [1200.5, -300, 0.12, 7]
    const deviation = Math.sqrt(pays.reduce((sum, pay) => sum + (pay - 226.905) ** 2, 0) / 4)
    expect(frame.values('pay')[1]).toBeCloseTo((-300 - 226.905) / deviation, 12)
    expect(frame.values('age_missing')).toEqual(Float64Array.of(0, 1, 0, 0))
    // A row that comes needs no target.
    const { left: _, ...one } = people[0] as (typeof people)[0]
    const alone = (await fitted.transform([one])).toMatrix()
    expect(alone.y).toBeUndefined()
    expect(await alone.x.data()).toEqual((await x.data()).slice(0, 9))
  })

  test('gives no labels where no row has one, and refuses where some have none', async () => {
    const { fitted } = await people1.fitTransform(people)
    const unknown = people.map((row) => ({ ...row, left: null }))
    const { x, y } = (await fitted.transform(unknown)).toMatrix()
    expect([x.shape, y]).toEqual([[4, 9], undefined])
    const [first, ...others] = people
    const some = await fitted.transform([{ ...first, left: null }, ...others])
    expect(some.cells('left')).toEqual([null, 1, 0, 1])
    expect(() => some.toMatrix()).toThrow(
      "column 'left', row 0: expected a number, received a missing cell. A label is never guessed",
    )
    await expect(fitted.toDataset(unknown).toArray()).rejects.toThrow("column 'left', row 0")
  })

  test('reads rows in every form, and a stream as often as it must', async () => {
    let opened = 0
    const open = async function* () {
      opened += 1
      yield* people
    }
    const columns = Object.fromEntries(
      Object.keys(people[0] as object).map((name) => [name, people.map((row) => row[name as 'age'])]),
    )
    const expected = JSON.stringify(await people1.fit(people))
    expect(JSON.stringify(await people1.fit(open))).toBe(expected)
    // Once for the types, once to fill gaps and find categories, once to scale what was filled.
    expect(opened).toBe(3)
    for (const rows of [
      RowDataset.fromRows(people),
      RowDataset.fromStream(open),
      columns,
      open(),
      { batches: () => [columns] },
    ])
      expect(JSON.stringify(await people1.fit(rows))).toBe(expected)
  })

  test('takes a table, by the types that its files have', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'typegrad-recipe-table-'))
    try {
      const path = join(folder, 'people.csv')
      const cells = people.map((row) =>
        Object.values(row)
          .map((cell) => (cell === null ? '' : `"${cell}"`))
          .join(','),
      )
      await writeFile(path, `${Object.keys(people[0] as object).join(',')}\n${cells.join('\n')}\n`)
      const table = await readTable(path)
      const [ofTable, ofRows] = [await people1.fit(table), await people1.fit(people)]
      expect(ofTable.featureNames).toEqual(ofRows.featureNames)
      expect((await ofTable.transform(table)).toRows()).toEqual((await ofRows.transform(people)).toRows())
      const batches: Record<string, unknown[]>[] = []
      for await (const batch of table.columnBatches()) batches.push(batch)
      expect(batches).toEqual([await table.columns()])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('takes a frame as it takes its rows, a part at a time, and refuses one that lacks a column or has others', async () => {
    const fitted = await people1.fit(people)
    const { frame } = await recipe([]).fitTransform(people)
    const expected = (await fitted.transform(people)).toRows()
    expect((await fitted.transform(frame)).toRows()).toEqual(expected)
    const parts: Record<string, unknown>[] = []
    for await (const part of fitted.stream(frame, { rows: 3 })) parts.push(...part.toRows())
    expect(parts).toEqual(expected)
    const [first = ''] = fitted.input.keys()
    await expect(fitted.transform(frame.without([first]))).rejects.toThrow(`one without '${first}'`)
    const wrong = frame.with([[first, { type: 'other', values: people.map(() => [1]) }]])
    await expect(fitted.transform(wrong)).rejects.toThrow(new RegExp(`column '${first}', row 0: expected`))
  })

  test('gives a stream and a data set in memory that is bounded', async () => {
    const fitted = await people1.fit(people)
    const whole = await fitted.transform(people)
    const parts: number[] = []
    for await (const frame of fitted.stream(people, { rows: 3 })) {
      parts.push(frame.length)
      if (frame.length === 1) expect(frame.toRows()).toEqual(whole.toRows().slice(3))
    }
    expect(parts).toEqual([3, 1])
    const [first] = await fitted.toDataset(people).take(1).toArray()
    expect(first).toEqual([((await whole.toMatrix().x.data()) as Float32Array).slice(0, 9), 0])
  })

  test('leaves rows out when it is fitted, and never of those that come', async () => {
    const rows = [{ a: 1 }, { a: null }, { a: 1 }, { a: 4 }]
    const few = recipe([
      cleaning.dropMissing(),
      cleaning.dropDuplicates(),
      cleaning.standardize('a', { scale: false }),
    ])
    const { fitted, frame } = await few.fitTransform(rows)
    expect(frame.toRows()).toEqual([{ a: -1.5 }, { a: 1.5 }])
    expect([...frame.positions]).toEqual([0, 3])
    expect((await fitted.transform(rows)).cells('a')).toEqual([-1.5, null, -1.5, 1.5])
    // The same of a stream, in which doubles are far apart.
    expect((await few.fit(() => rows)).learned[2]?.learned).toEqual([[2.5, 1]])
  })

  test('goes back where steps have a way back', async () => {
    const fitted = await recipe([cleaning.standardize('pay'), cleaning.minMax('age')], { target: 'pay' }).fit(
      { pay: [1, 3], age: [2, 4] },
    )
    expect([...fitted.inverse({ pay: [-1, 1] }).values('pay')]).toEqual([1, 3])
    const counted = await recipe([cleaning.hashText('text', { width: 2 })]).fit({ text: ['ab', 'cd'] })
    expect(() => counted.inverse({ text_0: [1] })).toThrow(
      'expected steps that have a way back, received columns that hashText made',
    )
  })
})

describe('within folds nothing leaks:', () => {
  test('crossValidate fits to the training rows of each fold alone', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => ({ x: i === 0 ? 1000 : i, y: i % 2 }))
    const means: number[] = []
    const spied = recipe([cleaning.impute('x'), cleaning.standardize('x')], { target: 'y' })
    const samples = spied.samples(rows)
    const { folds } = await crossValidate(
      () => {
        const model = sequential([layers.dense({ units: 1, inputShape: [1] })])
        model.compile({ loss: 'mse' })
        return model
      },
      {
        samples: samples.samples,
        prepare: async (training) => {
          const prepared = await samples.prepare(training)
          const { x } = await prepared(training)
          means.push((await (x as { data(): Promise<ArrayLike<number>> }).data())[0] as number)
          // The rows that are trained on have mean 0 and deviation 1, each fold's own; the others have not.
          const values = Array.from(await (x as { data(): Promise<Float32Array> }).data())
          expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(0, 5)
          expect(values.reduce((a, b) => a + b * b, 0) / values.length).toBeCloseTo(1, 4)
          return prepared
        },
      },
      { folds: 3, epochs: 1 },
    )
    expect(folds.length).toBe(3)
    expect(new Set(means).size).toBe(3)
  })

  test('a category of each row’s own says nothing of its target', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ id: `row ${i}`, y: (i * 7) % 5 }))
    const encoder = recipe([cleaning.targetEncode('id', { smooth: 0 })], { target: 'y' })
    const { fitted, frame } = await encoder.fitTransform(rows)
    // What the recipe knows of a row that it was fitted to is the row's target; what training is given is the others' mean.
    expect([...(await fitted.transform(rows)).values('id')]).toEqual(rows.map(({ y }) => y))
    for (const value of frame.values('id')) expect(Math.abs(value - 2)).toBeLessThan(0.3)
  })
})

describe('bad input is named:', () => {
  const fails = async (work: () => unknown, message: string) =>
    expect(Promise.resolve().then(work)).rejects.toThrow(message)

  test('tables that do not fit', async () => {
    const fitted = await people1.fit(people)
    const row = people[0] as (typeof people)[0]
    await fails(
      () => fitted.transform([{ city: 'Oslo' }]),
      "received one without 'age', 'joined', 'pay' (it has city)",
    )
    await fails(
      () => fitted.transform([row, { ...row, age: 'old' }]),
      'column \'age\', row 1: expected numbers, received "old", which is text',
    )
    await fails(() => people1.fit([]), 'Recipe.fit: expected rows to fit to, received a table without any')
    await fails(() => people1.fit([{ age: 1 }]), "expected a table with the target 'left'")
    await fails(
      () => people1.fit({ a: [1], b: [1, 2] }),
      "expected columns of one length, received 'a' with 1, 'b' with 2",
    )
    await fails(() => people1.fit([1] as never), 'row 0: expected an object')
    await fails(
      () => recipe([cleaning.impute('x')]).fit([{ a: 1 }]),
      "impute (step 1): expected one of the columns a, received 'x'",
    )
    await fails(
      () => recipe([cleaning.minMax('a')]).fit([{ a: 'text' }]),
      "minMax (step 1): column 'a': expected numbers or truth values, received text",
    )
    await fails(() => recipe([cleaning.minMax('a')]).fit([{ a: 1 }, { a: '2' }]), 'values of several types')
  })

  test('cells that cannot be', async () => {
    const dates = recipe([cleaning.parseDates('on', { pattern: 'dd.MM.yyyy' })])
    await fails(
      () => dates.fitTransform([{ on: '28.02.2023' }, { on: '30.02.2024' }]),
      'parseDates (step 1): column \'on\', row 1: expected a date that there is, written as dd.MM.yyyy, received "30.02.2024"',
    )
    await fails(
      () => recipe([cleaning.standardize('a')]).fit([{ a: 1 }, { a: Infinity }]),
      "column 'a', row 1: expected a finite number, received Infinity",
    )
    await fails(
      () => recipe([cleaning.parseNumbers('a', { format: 'en' })]).fitTransform([{ a: '1.234,50' }]),
      'row 0: expected a number, written as 1,234.5, received "1.234,50"',
    )
    await fails(
      () => recipe([cleaning.powerTransform('a', { method: 'boxCox' })]).fit([{ a: 0 }]),
      'expected numbers above 0',
    )
    await fails(
      () => recipe([cleaning.oneHot('a')]).fit([{ a: null }, { a: null }]),
      "column 'a': expected values to fit to, received none: all cells are missing",
    )
    const hot = await recipe([cleaning.oneHot('a')]).fit([{ a: 'red' }, { a: 'blue' }])
    await fails(
      () => hot.transform([{ a: 'red' }, { a: 'rde' }]),
      'column \'a\', row 1: expected a category that was there when the step was fitted: "blue", "red", received "rde"',
    )
    await fails(
      async () => (await recipe([]).fitTransform([{ a: 'x' }])).frame.toMatrix(),
      "expected columns of numbers, received 'a', which is text",
    )
    await fails(
      async () => (await recipe([]).fitTransform([{ a: 1 }, { a: null }])).frame.toMatrix(),
      "column 'a', row 1: expected a number, received a missing cell",
    )
    await fails(
      () => recipe([cleaning.dropMissing('a'), cleaning.impute('a')]).fit([{ a: null, b: 1 }]),
      'impute (step 2): expected rows to fit to, received none',
    )
  })

  test.each(Object.keys(cleaning))('an option that %s does not have', (kind) => {
    const wrong = { notAnOption: 1 } as never
    const make = cleaning[kind as keyof typeof cleaning] as (columns: string, options: object) => unknown
    // What takes columns alone has no options, and names of columns are no options.
    if (kind === 'drop' || kind === 'rename') return
    expect(() => make('a', wrong)).toThrow(/expected .*option.*"notAnOption"/s)
  })

  test('options and recipes that cannot be', async () => {
    const wrong = { notAnOption: 1 } as never
    expect(() => recipe([], wrong)).toThrow(/expected .*option.*"notAnOption"/s)
    const fitted = await recipe([]).fit(people)
    await fails(() => fitted.stream(people, wrong).next(), '"notAnOption"')
    expect(() => recipe([{}] as never)).toThrow('recipe: expected an array of steps')
    expect(() => cleaning.clip('a', { min: 2, max: 1 })).toThrow('expected min ≤ max')
    expect(() => cleaning.impute('a', { strategy: 'constant' })).toThrow('received none')
    expect(() => cleaning.parseNumbers('a', {} as never)).toThrow("format: expected 'en', 'de'")
    expect(() => cleaning.standardize([], {})).toThrow("expected a column's name")
    await fails(
      () => recipe([cleaning.targetEncode('a')]).fit([{ a: 'x' }]),
      'expected a recipe with a target',
    )
    await fails(
      async () => recipe([cleaning.rename({ a: 'b' })]).fit([{ a: 1, b: 2 }]),
      "received 'b', which a step makes and the table has",
    )
  })
})

describe('a file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'typegrad-recipe-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('keeps what was fitted, whole', async () => {
    const path = join(folder, 'model', 'recipe.json')
    const fitted = await people1.fit(people)
    await fitted.save(path)
    await fitted.save(path)
    expect(await readdir(join(folder, 'model'))).toEqual(['recipe.json'])
    const loaded = await FittedRecipe.load(path)
    expect((await loaded.transform(people)).toRows()).toEqual((await fitted.transform(people)).toRows())
    expect(Recipe.fromJSON(people1.toJSON()).toJSON()).toEqual(people1.toJSON())
  })

  test('that is damaged, or of another version, is refused', async () => {
    const path = join(folder, 'recipe.json')
    const fitted = await people1.fit(people)
    await fitted.save(path)
    const text = await readFile(path, 'utf8')
    const refused = async (content: string, message: string) => {
      await writeFile(path, content)
      await expect(FittedRecipe.load(path)).rejects.toThrow(message)
    }
    await refused(text.slice(0, -40), 'text that is not JSON')
    await refused(text.replace('Oslo', 'Bonn'), 'expected the checksum')
    await refused('{"format":"something"}', "received the format 'something'")
    await refused(
      JSON.stringify({ ...fitted.toJSON(), version: 2 }),
      'expected version 1 of a recipe, received version 2',
    )
    await expect(FittedRecipe.load(join(folder, 'nothing.json'))).rejects.toThrow(
      'expected the file of a fitted recipe',
    )
  })

  test('without a checksum is read, or refused by an error of typegrad', async () => {
    const json = JSON.parse(JSON.stringify(await people1.fit(people)))
    let state = 7
    const draw = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648
      return state % below
    }
    let refused = 0
    for (let i = 0; i < 150; i++) {
      let damaged: unknown
      try {
        damaged = JSON.parse(new TextDecoder().decode(damagedJson(json, draw)))
      } catch {
        continue
      }
      try {
        await FittedRecipe.fromJSON(damaged).transform(people)
      } catch (error) {
        refused += 1
        expect((error as { code?: string }).code, String((error as Error).stack)).toBeTypeOf('string')
      }
    }
    expect(refused).toBeGreaterThan(50)
  })
})
