// Commands of recommenders, as a user types them: lists for users of a file, scores of pairs, and how good both are.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTable } from '@typegrad/data'
import { forecast, Recommender, recommend } from '@typegrad/tabular'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textWidth } from '../terminal/text-width.ts'
import { typed } from '../testing/typed.ts'

const folder = mkdtempSync(join(tmpdir(), 'typegrad-cli-recommenders-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)

const [lists, ratings] = [at('lists.model'), at('ratings.model')]
/** Forty people and twenty films; people of even numbers like the first ten. */
const rows = Array.from({ length: 400 }, (_, i) => {
  const [user, film] = [i % 40, (i * 7 + Math.floor(i / 40)) % 20]
  const isLiked = film < 10 === (user % 2 === 0)
  return { user: `u${user}`, film: `f${film}`, stars: isLiked ? 4 + (i % 2) : 1 + (i % 3), when: i }
})
const liked = rows.map(({ user, film, when }, i) => ({
  user,
  film: `f${(Number(film.slice(1)) % 10) + (i % 2) * 10}`,
  when,
}))
const people = Array.from({ length: 40 }, (_, i) => ({ user: `u${i}`, taste: i % 2 === 0 ? 'calm' : 'loud' }))

beforeAll(async () => {
  const columns = { user: 'user', item: 'film', time: 'when' } as const
  const towers = await recommend([...liked, { user: null, film: 'f1', when: 0 }], {
    ...columns,
    userFeatures: people,
    models: ['two towers'],
  })
  await towers.save(lists)
  await (await recommend(rows, { ...columns, rating: 'stars', models: [] })).save(ratings)
  writeFileSync(at('users.csv'), 'user,taste\nu0,calm\nu1,loud\nu0,calm\nnew,loud\n')
  writeFileSync(at('ids.csv'), 'user\nu0\nnew\n')
  writeFileSync(at('pairs.csv'), 'id,user,film\n7,u0,f1\n8,new,f1\n9,u1,none\n')
}, 120_000)

const fitsIn80 = (text: string): void =>
  expect(text.split('\n').filter((line) => !line.includes(folder) && textWidth(line) > 80)).toEqual([])

describe('inspect', () => {
  test('tells what a recommender was trained for, in both languages and as JSON', async () => {
    const { code, out, err } = await typed(`typegrad inspect ${ratings}`)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ratings\.model\na recommender\n\n {2}task {7}ratings that are expected\n/)
    expect(out).toMatch(/^ {2}users {6}40 \(user\)\n {2}items {6}20 \(film\)\n {2}ratings {4}stars$/m)
    expect(out).toMatch(/^ {2}RMSE +\d/m)
    fitsIn80(out)
    const inChinese = (await typed(`typegrad inspect ${lists} --lang zh`)).out
    expect(inChinese).toMatch(/^lists\.model\n推荐模型\n\n {2}任务 {6}排出将被选择的列表\n/)
    expect(inChinese).toMatch(/^ {2}用户特征 {2}taste$/m)
    expect(inChinese).toContain('1 行缺少用户或物品，未计入。')
    fitsIn80(inChinese)
    const { kind, report } = JSON.parse((await typed(`typegrad inspect ${ratings} --json`)).out)
    expect({ kind, report }).toEqual({
      kind: 'recommender',
      report: JSON.parse(JSON.stringify((await Recommender.load(ratings)).report)),
    })
  })

  test('knows a model of series from one of a table', async () => {
    const series = Array.from({ length: 40 }, (_, t) => ({
      day: new Date(Date.UTC(2024, 0, 1 + t)),
      sold: 10 + (t % 7),
    }))
    const model = await forecast(series, { time: 'day', target: 'sold', horizon: 7, budget: 1e-9 })
    await model.save(at('sold.model'))
    const { out } = await typed(`typegrad inspect ${at('sold.model')}`)
    expect(out).toMatch(/^sold\.model\na model of series\n\n/)
    fitsIn80(out)
    const refused = await typed(`typegrad predict ${at('sold.model')} ${at('users.csv')}`)
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain('received a model of series.')
  })

  test('tells what a file of llama.cpp has, by its first bytes too', async () => {
    const path = fileURLToPath(new URL('../../../transformers/golden/gguf-llama.gguf', import.meta.url))
    const { out } = await typed(`typegrad inspect ${path}`)
    expect(out).toMatch(/^gguf-llama\.gguf\na model of llama\.cpp \(\.gguf\)\n {2}tensors {2}21\n/)
    expect(out).toMatch(/^ {2}formats {2}Q8_0 16, F32 5$/m)
    expect(out).toMatch(/^ {2}general\.architecture +llama$/m)
    expect(out).toMatch(/^ {2}llama\.attention\.layer_norm_rms_epsilon {2}0\.000001$/m)
    expect(out).toMatch(/^ {2}blk\.0\.attn_k\.weight +Q8_0 {2}\[32, 64\] {2}2,048$/m)
    fitsIn80(out)
    const copy = at('copy')
    writeFileSync(copy, readFileSync(path))
    const { kind, metadata, tensors, parameters } = JSON.parse(
      (await typed(`typegrad inspect ${copy} --json`)).out,
    )
    expect(kind).toBe('gguf')
    expect(metadata['llama.block_count']).toBe(2)
    expect(tensors).toContainEqual({ name: 'output_norm.weight', format: 'F32', shape: [64] })
    expect(parameters).toBe(67_008)
    writeFileSync(copy, readFileSync(path).subarray(0, 20_000))
    const cut = await typed(`typegrad inspect ${copy}`)
    expect(cut.code).toBe(1)
    expect(cut.err).toMatch(/^typegrad: .*copy: expected .*, received 20000 bytes/)
  })

  test('counts the words of a tokenizer', async () => {
    const path = fileURLToPath(
      new URL('../../../transformers/golden/gguf-tokenizer-smollm.gguf', import.meta.url),
    )
    const { out } = await typed(`typegrad inspect ${path} --lang zh`)
    expect(out).toMatch(/^ {2}tokenizer\.ggml\.token_type +340 个值：3, 3, 3, 1, …$/m)
    fitsIn80(out)
    const { metadata } = JSON.parse((await typed(`typegrad inspect ${path} --json`)).out)
    expect(metadata['tokenizer.ggml.tokens']).toEqual({ count: 340 })
  })
})

describe('predict', () => {
  test('lists items for each user of a file, once, and for new ones by their features', async () => {
    const output = at('found.csv')
    const { code, out, err } = await typed(
      `typegrad predict ${lists} ${at('users.csv')} --count 3 -o ${output}`,
    )
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: `9 rows are in ${output}.\n` })
    const found = await (await readTable(output)).rows()
    const model = await Recommender.load(lists)
    const expected = [
      ['u0', await model.recommend('u0', 3)],
      ['u1', await model.recommend('u1', 3)],
      ['new', await model.recommend('new', 3, { features: { taste: 'loud' } })],
    ] as const
    expect(found).toEqual(
      expected.flatMap(([user, { basis, items }]) =>
        items.map(({ item: film, score }, i) => ({ user, rank: i + 1, film, score, basis })),
      ),
    )
    expect(expected.map(([, { basis }]) => basis)).toEqual(['model', 'model', 'features'])
  })

  test('says who has what most take', async () => {
    const { out, err } = await typed(`typegrad predict ${lists} ${at('ids.csv')} --count 2`)
    expect(out.split('\n')[0]).toBe('user,rank,film,score,basis')
    expect(out).toMatch(/^new,2,f\d+,[\d.]+,popularity$/m)
    expect(err).toBe('user: 1 that the model knows nothing of have what most take: new.\n')
    const { err: inChinese } = await typed(`typegrad predict ${lists} ${at('ids.csv')} --lang zh`)
    expect(inChinese).toBe('user：有 1 个模型一无所知，按多数人的选择给出：new。\n')
  })

  test('scores pairs, beside columns that are kept', async () => {
    const { out, err } = await typed(`typegrad predict ${ratings} ${at('pairs.csv')} --pairs --columns id`)
    const { scores } = await (await Recommender.load(ratings)).score(at('pairs.csv'))
    expect(out).toBe(`id,prediction\n7,${scores[0]}\n8,${scores[1]}\n9,${scores[2]}\n`)
    expect(err).toMatch(/^user: 1 that .*: new\.\nfilm: 1 that .*: none\.\n$/)
  })

  test.each([
    [
      '--columns of lists',
      `${lists} ${at('users.csv')} --columns user`,
      2,
      '--columns: expected predictions of rows, or --pairs, received a recommender, which gives lists.',
    ],
    [
      'a length of scores',
      `${ratings} ${at('pairs.csv')} --pairs --count 3`,
      2,
      '--count: expected lists of users, which it is an option of, received --pairs.',
    ],
    [
      'a list of no length',
      `${lists} ${at('users.csv')} --count 0`,
      2,
      /^--count: expected a whole number of at least 1/,
    ],
    [
      'pairs without items',
      `${ratings} ${at('users.csv')} --pairs`,
      2,
      /users\.csv: expected one of the columns user, taste, received 'film'\.$/,
    ],
    [
      'a table without users',
      `${ratings} ${at('none.csv')}`,
      2,
      /none\.csv: expected one of the columns usr, received 'user'\. Did you mean 'usr'\?$/,
    ],
    ['a model for a table', `${lists} ${ratings}`, 1, /expected a table, received a recommender\.$/],
    [
      'a model that is damaged',
      `${at('damaged.model')} ${at('users.csv')}`,
      1,
      /damaged\.model.* expected .*, received /s,
    ],
  ])('refuses %s', async (_, given, code, said) => {
    writeFileSync(at('none.csv'), 'usr\nu0\n')
    const bytes = readFileSync(lists)
    bytes[400] = (bytes[400] as number) ^ 1
    writeFileSync(at('damaged.model'), bytes)
    const found = await typed(`typegrad predict ${given} -o ${at('never.csv')}`)
    expect(found).toMatchObject({ code, out: '' })
    const error = found.err.replace(/^typegrad: /, '').trimEnd()
    expect(error).toEqual(typeof said === 'string' ? said : expect.stringMatching(said))
    expect(existsSync(at('never.csv'))).toBe(false)
  })
})

describe('evaluate', () => {
  test('judges ratings of other rows beside those of training', async () => {
    const later = at('later.csv')
    writeFileSync(later, 'user,film,stars\nu0,f1,5\nu1,f1,2\nu2,f3,4\nnew,f1,3\n')
    const { code, out, err } = await typed(`typegrad evaluate ${ratings} ${later}`)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^3 rows\n {2}metric +here {2}95 % interval +in training\n {2}RMSE /)
    expect(out).toContain('Left out: 1 rows whose user or item the model has never seen.\n')
    fitsIn80(out)
    const found = JSON.parse((await typed(`typegrad evaluate ${ratings} ${later} --json`)).out)
    expect(found).toEqual(JSON.parse(JSON.stringify(await (await Recommender.load(ratings)).evaluate(later))))
    const missing = await typed(`typegrad evaluate ${ratings} ${at('pairs.csv')}`)
    expect(missing).toMatchObject({ code: 2, out: '' })
    expect(missing.err).toMatch(/evaluate: expected one of the columns id, user, film, received 'stars'/)
  })

  test('judges lists by what was taken since', async () => {
    const later = at('taken.csv')
    const [first] = (await (await Recommender.load(lists)).recommend('u0', 1)).items
    const { user, film } = liked[0] as (typeof liked)[number]
    writeFileSync(later, `user,film\nu0,${first?.item}\n${user},${film}\n`)
    const { out } = await typed(`typegrad evaluate ${lists} ${later} --lang zh`)
    expect(out).toMatch(/^1 个用户的 1 行\n/)
    expect(out).toMatch(/^ {2}NDCG@10 +1 +1 – 1 /m)
    expect(out).toContain('未计入：1 行是用户在训练时已选过的。')
    fitsIn80(out)
  })
})
