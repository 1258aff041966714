// Commands of tables, as a user types them: from a file to a model, its predictions and its judgement.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTable } from '@typegrad/data'
import { ForecastModel, TableModel } from '@typegrad/tabular'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textWidth } from '../terminal/text-width.ts'
import { answering, typed } from '../testing/typed.ts'

const folder = mkdtempSync(join(tmpdir(), 'typegrad-cli-tables-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const table = join(folder, 'customers.csv')
const model = join(folder, 'churn.model')
const rows = 120

beforeAll(async () => {
  const lines = Array.from({ length: rows }, (_, i) => {
    const age = 20 + ((i * 13) % 60)
    const plan = ['basic', 'plus', 'family'][i % 3]
    // Every tenth customer does what nobody expects.
    const leaves = age + (plan === 'plus' ? 30 : 0) > 62 !== (i % 10 === 0)
    return `c${i},${i % 11 === 0 ? '' : age},${plan},${leaves ? 'yes' : 'no'}`
  })
  writeFileSync(table, `id,age,plan,churn\n${lines.join('\n')}\n`)
  // A budget that is over at once: the linear model.
  const { code, err } = await typed(
    `typegrad train ${table} --target churn --ignore id --budget 0.001 --folds 2 -o ${model}`,
  )
  expect({ code, err }).toEqual({
    code: 0,
    err: `Training; Ctrl-C ends it with the best so far.\nThe model is in ${model}.\n`,
  })
}, 120_000)

const fitsIn80 = (text: string): void =>
  expect(text.split('\n').filter((line) => !line.includes(folder) && textWidth(line) > 80)).toEqual([])

describe('inspect', () => {
  test('tells what a table has, in 80 columns, and as JSON', async () => {
    const { code, out, err } = await typed(`typegrad inspect ${table} --target churn`)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^customers\.csv\n120 rows, 4 columns, 0 equal rows\n/)
    expect(out).toContain('age is missing in 11 rows (9.2 %).')
    fitsIn80(out)
    const { kind, profile } = JSON.parse((await typed(`typegrad inspect ${table} --json`)).out)
    expect(kind).toBe('table')
    expect(profile).toMatchObject({ rows: 120 })
  })

  test('writes a page, holds another table against this one, and replaces nothing unasked', async () => {
    const page = join(folder, 'profile.html')
    const line = `typegrad inspect ${table} --compare ${table} --html ${page}`
    const { code, out, err } = await typed(line)
    expect({ code, err }).toEqual({ code: 0, err: `The profile is in ${page}.\n` })
    expect(out).toContain('Against the other table')
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i)
    expect((await typed(line)).code).toBe(2)
    expect((await typed(`${line} --force`)).code).toBe(0)
  })

  test('tells what a model of a table was trained for', async () => {
    const { out } = await typed(`typegrad inspect ${model}`)
    expect(out).toMatch(/^churn\.model\na model of a table\n\n {2}target {3}churn: two classes\n/)
    const { code, err } = await typed(`typegrad inspect ${model} --target churn`)
    expect({ code, err }).toEqual({
      code: 2,
      err: `typegrad: --target: expected a table, which it is an option of, received a model of a table, ${model}.\n`,
    })
  })
})

describe('train', () => {
  test('prints what is reached in 80 columns, and the same as JSON', async () => {
    const { out } = await typed(`typegrad report ${model}`)
    expect(out).toMatch(
      /^ {2}target {3}churn: two classes\n {2}classes {2}no, yes\n {2}rows {5}96 to learn from, 24 to be judged on\n/,
    )
    expect(out).toMatch(/^ {2}AUC {2,}0\.\d+ {2}0\.\d+ – [01](\.\d+)?$/m)
    expect(out).toMatch(/^ {2}linear {2,}1\.000/m)
    expect(out).toContain('  - The budget of 0.001 s was over before these were trained:')
    fitsIn80(out)
    const report = JSON.parse((await typed(`typegrad report ${model} --json`)).out)
    expect(report.task).toMatchObject({ kind: 'binary', target: 'churn', classes: ['no', 'yes'] })
    const inChinese = (await typed(`typegrad report ${model} --lang zh`)).out
    expect(inChinese).toMatch(/^ {2}目标 {2}churn: 二分类\n/)
    fitsIn80(inChinese)
  })

  test('writes the report as a page, in both languages', async () => {
    const page = join(folder, 'report.html')
    const line = `typegrad report ${model} -o ${page}`
    expect(await typed(line)).toEqual({ code: 0, out: '', err: `The report is in ${page}.\n` })
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>\n<html lang="en"/)
    expect((await typed(line)).code).toBe(2)
    expect((await typed(`${line} --force --lang zh`)).code).toBe(0)
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>\n<html lang="zh/)
  })

  test('takes several labels', async () => {
    const labelled = join(folder, 'labels.csv')
    const cells = Array.from({ length: 60 }, (_, i) => `${i % 30},${i % 30 > 15 ? 1 : 0},${i % 2}`)
    writeFileSync(labelled, `a,late,odd\n${cells.join('\n')}\n`)
    const output = join(folder, 'labels.model')
    const { code, out } = await typed(
      `typegrad train ${labelled} -t late,odd --budget 0.001 --folds 2 -o ${output}`,
    )
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}target {2}late, odd: several labels\n {2}labels {2}late, odd\n/)
    const [first] = JSON.parse((await typed(`typegrad predict ${output} ${labelled} --only --json`)).out)
    expect(Object.keys(first)).toEqual(['prediction', 'probability_late', 'probability_odd'])
    expect((await typed(`typegrad evaluate ${output} ${labelled}`)).err).toMatch(
      "typegrad: evaluate: expected a model of one target of classes or numbers, received one of 'labels'.",
    )
  })

  test('is converted to ONNX, from columns to predictions', async () => {
    const output = join(folder, 'churn.onnx')
    expect((await typed(`typegrad convert ${model} ${output}`)).code).toBe(0)
    const { inputs, outputs } = JSON.parse((await typed(`typegrad inspect ${output} --json`)).out)
    const names = (ports: readonly { readonly name: string }[]): string[] =>
      ports.map(({ name }) => name).sort()
    expect(names(inputs)).toEqual(['age', 'plan'])
    expect(names(outputs)).toEqual(['prediction', 'probabilities'])
  })

  test('replaces no model unasked, and begins nothing before that is clear', async () => {
    const before = readFileSync(model)
    expect(await typed(`typegrad train ${table} -t churn -o ${model}`)).toEqual({
      code: 2,
      out: '',
      err: `typegrad: ${model}: expected an output where nothing is yet, received a file that exists. Name another one, or replace it with --force.\n`,
    })
    expect(readFileSync(model).equals(before)).toBe(true)
  })

  test('asks for the target in a terminal, and nowhere else', async () => {
    const line = `typegrad train ${table} --budget 0.001 --folds 2 --ignore id -o ${join(folder, 'asked.model')}`
    expect(await typed(line)).toEqual({
      code: 2,
      out: '',
      err: 'typegrad: --target: expected the column that is predicted, one of id, age, plan, churn, received none.\n',
    })
    const ask = answering('plan')
    expect((await typed(line, { ask })).code).toBe(0)
    expect(ask.asked).toEqual(['Which column is to be predicted?'])
    expect((await TableModel.load(join(folder, 'asked.model'))).report.task.target).toBe('plan')
    // Ctrl-C is an answer too.
    const refused = await typed(line.replace('asked', 'refused'), { ask: answering(undefined) })
    expect(refused).toEqual({ code: 130, out: '', err: 'typegrad: Stopped.\n' })
    expect(existsSync(join(folder, 'refused.model'))).toBe(false)
  })

  test('draws its progress on a screen', async () => {
    const output = join(folder, 'drawn.model')
    const { err } = await typed(
      `typegrad train ${table} -t churn --ignore id --budget 0.001 --folds 2 -o ${output}`,
      { columns: 60 },
    )
    expect(err).toContain('linear: fold 2 of 2')
    const lines = err.split(/\r|\n/).map((line) => line.replace('\x1b[2K', ''))
    expect(Math.max(...lines.map(textWidth))).toBeLessThan(60)
    // What was drawn is taken away before the message.
    expect(err.split('\x1b[2K').at(-1)?.replace(/\n/g, ' ')).toBe(`The model is in ${output}. `)
  })

  test('--refit says which rows the model learns from in the end', async () => {
    const line = `typegrad train ${table} -t churn --ignore id --models trees --folds 2 --budget 60 --force`
    const output = join(folder, 'refit.model')
    const all = await typed(`${line} -o ${output}`)
    expect(all.out.replace(/\s+/g, ' ')).toContain('in the end each model was fitted to all 120')
    const training = await typed(`${line} --refit training -o ${output}`)
    expect([training.code, training.out]).toEqual([0, expect.not.stringContaining('in the end')])
  })

  test('keeps the best so far after Ctrl-C, and says so', async () => {
    const output = join(folder, 'stopped.model')
    const interruption = new AbortController()
    const { code, out, err } = await typed(
      `typegrad train ${table} -t churn --ignore id --folds 2 --budget 600 --models 'large trees' -o ${output}`,
      {
        columns: 200,
        interrupted: interruption.signal,
        onError: (text) => {
          if (text.includes('large trees: fold 1')) interruption.abort()
        },
      },
    )
    expect(code).toBe(130)
    expect(err).toContain('Stopping: the best so far is kept. Ctrl-C again ends at once.\n')
    expect(err).toMatch(/The model is in .*stopped\.model\.\n.*typegrad: Stopped\.\n$/s)
    expect(out).toContain('Training was stopped before these were trained: large trees.')
    const { report } = await TableModel.load(output)
    expect(report.candidates.map(({ name }) => name)).toEqual(['constant', 'linear'])
  })

  test.each([
    [
      '--target chrun',
      2,
      "--target: expected one of the columns id, age, plan, churn, received 'chrun'. Did you mean 'churn'?",
    ],
    ['--target churn --models forest', 2, /^train: models: expected an array of /],
    ['--target churn --costs 1', 2, '--costs: expected two numbers, such as 1,5, received 1.'],
    ['--target id', 1, /^target 'id': expected /],
  ])('%s is refused', async (options, code, said) => {
    const found = await typed(`typegrad train ${table} ${options} -o ${join(folder, 'never.model')}`)
    expect(found.code).toBe(code)
    const error = found.err.replace(/^Training;.*\n/, '').replace(/^typegrad: /, '')
    expect(error.trimEnd()).toEqual(typeof said === 'string' ? said : expect.stringMatching(said))
    expect(existsSync(join(folder, 'never.model'))).toBe(false)
  })
})

describe('train refuses a table that nothing can be learned from:', () => {
  const bad = join(folder, 'bad.csv')
  const output = join(folder, 'never-bad.model')
  beforeAll(() => {
    const lines = Array.from({ length: 60 }, (_, i) => {
      const age = 20 + ((i * 13) % 40)
      const leaves = age > 40 ? 'yes' : 'no'
      const rare = i === 7 ? 'odd' : leaves
      return `${age},${leaves},1,,name ${i},${leaves === 'yes' ? 'y' : 'n'},${rare},one,${i > 57 ? 2 : 1}`
    })
    writeFileSync(bad, `age,leaves,same,empty,name,copy,rare,group,when\n${lines.join('\n')}\n`)
  })
  test.each([
    ['--target same', "target 'same': expected different values, received 1 in all 60 rows."],
    ['--target empty', "target 'empty': expected a target in at least half of the rows"],
    ['--target name', "target 'name': expected classes that come again, received 60 different texts"],
    ['--target leaves', "received 'copy', which is the target under another name"],
    ['--target rare', "target 'rare': expected at least two rows of each class"],
    [
      '--target leaves --ignore copy,rare --groups group',
      "train: groups 'group': expected at least 3 groups",
    ],
    ['--target leaves --ignore copy,rare --time when', 'train: time: expected moments that divide the rows'],
    ['--target leaves --ignore copy,rare --time name', "train: time 'name': expected a date or a number"],
  ])('%s', async (given, said) => {
    const { code, out, err } = await typed(`typegrad train ${bad} ${given} -o ${output}`)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err.replace(/^Training;.*\n/, '')).toContain(said)
    expect(err).not.toMatch(/\n {4}at /)
    expect(existsSync(output)).toBe(false)
  })
})

describe('predict', () => {
  test('writes rows with predictions, in the format that the ending names', async () => {
    const expected = await (await TableModel.load(model)).predict(await readTable(table))
    for (const ending of ['csv', 'parquet', 'json', 'jsonl']) {
      const output = join(folder, `predicted.${ending}`)
      const { code, err } = await typed(`typegrad predict ${model} ${table} --columns id -o ${output}`)
      expect(code).toBe(0)
      expect(err).toContain(`120 rows are in ${output}.\n`)
      const read = await readTable(output)
      expect(read.columnNames).toEqual(['id', 'prediction', 'probability_no', 'probability_yes'])
      const columns = await read.columns()
      expect(columns.prediction).toEqual(expected.values)
      expect(Number(columns.probability_yes?.[7])).toBeCloseTo(expected.probabilities?.[1]?.[7] as number, 12)
    }
  })

  test('writes CSV and JSON to standard output', async () => {
    const { out } = await typed(`typegrad predict ${model} ${table}`)
    const lines = out.split('\n')
    expect(lines[0]).toBe('id,age,plan,churn,prediction,probability_no,probability_yes')
    expect(lines.length).toBe(rows + 2)
    const [first] = JSON.parse((await typed(`typegrad predict ${model} ${table} --only --json`)).out)
    expect(Object.keys(first)).toEqual(['prediction', 'probability_no', 'probability_yes'])
  })

  test('tells of rows that are unlike those that were learned from', async () => {
    const strange = join(folder, 'strange.csv')
    writeFileSync(strange, `age,plan\n${'30,gold\n'.repeat(20)}`)
    const { code, err } = await typed(`typegrad predict ${model} ${strange} --only`)
    expect(code).toBe(0)
    expect(err).toContain('plan has values that training did not have, in 100 % of the rows: gold.')
  })

  test.each([
    [
      'a model that is a table',
      `${table} ${table}`,
      1,
      'expected a model of a table, as typegrad train keeps it, received a table. Train one: typegrad train FILE --target COLUMN.',
    ],
    [
      'an ending that is none',
      `${model} ${table} -o x.xlsx`,
      2,
      "--output: expected one of .csv, .tsv, .parquet, .json, .jsonl, received '.xlsx'.",
    ],
    [
      'a column that there is not',
      `${model} ${table} --columns id,nmae`,
      2,
      "--columns: expected one of id, age, plan, churn, received 'nmae'.",
    ],
    ['rows that lack a column', `${model} ${join(folder, 'lacking.csv')}`, 1, /expected .*'plan'/],
    [
      'rows that were predicted before',
      `${model} ${join(folder, 'again.csv')}`,
      2,
      "--columns: expected columns without 'prediction'",
    ],
  ])('refuses %s', async (_, given, code, said) => {
    writeFileSync(join(folder, 'lacking.csv'), 'age\n30\n')
    writeFileSync(join(folder, 'again.csv'), 'age,plan,prediction\n30,plus,no\n')
    const found = await typed(`typegrad predict ${given}`)
    expect(found).toMatchObject({ code, out: '' })
    expect(found.err).toEqual(
      typeof said === 'string' ? expect.stringContaining(said) : expect.stringMatching(said),
    )
  })
})

test('evaluate judges other rows beside what was reached in training', async () => {
  const { code, out, err } = await typed(`typegrad evaluate ${model} ${table}`)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^120 rows\n {2}metric +here {2}95 % interval +in training\n {2}AUC /)
  fitsIn80(out)
  const found = JSON.parse((await typed(`typegrad evaluate ${model} ${table} --json`)).out)
  const [[a, b], [c, d]] = found.confusion
  expect(a + b + c + d).toBe(rows)
  const accuracy = found.scores.find(({ metric }: { metric: string }) => metric === 'accuracy')
  expect((a + d) / rows).toBeCloseTo(accuracy.value)
  const { code: failed, err: said } = await typed(`typegrad evaluate ${model} ${join(folder, 'strange.csv')}`)
  expect({ failed, said }).toEqual({
    failed: 2,
    said: "typegrad: evaluate: expected rows with the target 'churn', received the columns age, plan. To predict rows without it, call predict.\n",
  })
})

test('nothing half-written is left', () => {
  expect(readdirSync(folder).filter((name) => name.includes('.typegrad-'))).toEqual([])
})

describe('forecast', () => {
  const sales = join(folder, 'sales.csv')
  const given = `typegrad forecast ${sales} --time day --target sold --series store`

  test('writes the forecasts of each series, and tells how good they are', async () => {
    const lines = ['a', 'b'].flatMap((store) =>
      Array.from({ length: 70 }, (_, t) => {
        const day = new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10)
        return `${day},${store},${Math.round(40 + 10 * Math.sin((2 * Math.PI * t) / 7) + ((t * 7) % 5))}`
      }),
    )
    writeFileSync(sales, `day,store,sold\n${lines.join('\n')}\n`)
    const output = join(folder, 'forecasts.csv')
    const kept = join(folder, 'sales.model')
    const { code, out } = await typed(`${given} -n 7 --budget 0.001 -o ${output} --model ${kept}`)
    expect(code).toBe(0)
    fitsIn80(out)
    expect(out).toMatch(/^sold: 7 × day ahead of 2 series, 140 values from 2024-01-01 to 2024-03-10\n/)
    const found = await (await readTable(output)).rows()
    expect(found.map(({ store }) => store)).toEqual([...'aaaaaaabbbbbbb'])
    expect(found[0]).toMatchObject({ store: 'a', day: new Date(Date.UTC(2024, 2, 11)) })
    expect((await ForecastModel.load(kept)).report.task.horizon).toBe(7)
  })

  test('keeps the best so far after Ctrl-C, and says so', async () => {
    const output = join(folder, 'stopped.csv')
    const interruption = new AbortController()
    const { code, out, err } = await typed(`${given} -n 7 --budget 600 -o ${output}`, {
      columns: 100,
      interrupted: interruption.signal,
      onError: (text) => {
        if (text.includes('theta: ')) interruption.abort()
      },
    })
    expect(code).toBe(130)
    expect(err).toMatch(/Stopping: the best so far is kept\..*The forecasts are in .*Stopped\.\n$/s)
    expect(out).toContain('The work was stopped before these were done: theta,')
    expect(await (await readTable(output)).rows()).toHaveLength(14)
  })

  test.each([
    ['', 2, 'typegrad: forecast: expected --time, --target and --horizon, received not all of them.'],
    ['-n 100', 1, /horizon/],
    ['-n 7 --target sld', 2, /Did you mean/],
    ['-n 0', 2, /--horizon/],
    ['-n 7 --covariates pirce', 2, /pirce/],
  ])('%s is refused', async (more, wanted, message) => {
    const { code, err } = await typed(`${given} ${more} -o ${join(folder, 'none.csv')} --budget 0.001`)
    expect(code, err).toBe(wanted)
    expect(err).toMatch(message)
    expect(existsSync(join(folder, 'none.csv'))).toBe(false)
  })

  test.each([
    ['a gap', [0, 1, 2, 4, 5, 6, 7, 8, 9], /first 1 from 2024-01-04 to 2024-01-04/],
    ['a double', [0, 1, 2, 2, 3, 4, 5, 6, 7], /1 rows more, the first for 2024-01-03/],
  ])('%s in time is refused, with its place and what to do', async (_, days, said) => {
    const path = join(folder, 'broken.csv')
    const dated = days.map((day, i) => `2024-01-0${day + 1},${3 + i}`.replace('-010,', '-10,'))
    writeFileSync(path, `day,sold\n${dated.join('\n')}\n`)
    const { code, err } = await typed(
      `typegrad forecast ${path} --time day --target sold -n 2 -o ${join(folder, 'none.csv')}`,
    )
    expect(code).toBe(1)
    expect(err).toMatch(said)
    expect(existsSync(join(folder, 'none.csv'))).toBe(false)
  })
})
