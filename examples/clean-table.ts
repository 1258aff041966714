// How well do viewers like a film? A table that people typed in knows it, with gaps in fifteen of its sixteen columns. This is what
// it takes to learn from it, and what it brings beside the way that costs nothing: numbers alone, of the rows that have them all.
//
//   npx tsx examples/clean-table.ts
//   npx tsx examples/clean-table.ts --films 1200 --epochs 10 --folds 2 --seeds 1     a quick look
//
// 2026-11-29, Intel Xeon with AVX-512, 2 cores, 48 to 53 CPU seconds: mean error in points of ten, ± the standard deviation over five folds of
// two seeds. 9,205 cells are missing, and 238 of 2,988 rated films have all numbers. On these the naive way errs by 0.460 ± 0.074 and
// the cleaned one by 0.439 ± 0.079, well within the spread: cleaning makes little difference where nothing is missing. To
// the other 92 % the naive way has no answer; the cleaned one errs by 0.545 ± 0.027 on all, where the mean of the ratings errs by 0.985.
//
// Data: `movies.json` of the npm package vega-datasets, 3,201 films up to 2011, kept there with its faults to teach the cleaning of data.
// The package is under BSD-3-Clause and does not tell where the films come from, so that no copy of them is kept here.
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  cleaning,
  FittedRecipe,
  profile,
  type Recipe,
  readTable,
  recipe,
  type Table,
  tableFrom,
} from '@typegrad/data'
import {
  crossValidate,
  type Fold,
  initializers,
  kFold,
  type LabelledData,
  layers,
  loadModel,
  type Sequential,
  sequential,
  setRandomSeed,
  type Tensor,
} from 'typegrad'
import { programOptions } from './options.ts'
import { spreadOf } from './statistics.ts'
import { table } from './table.ts'

const options = programOptions({
  films: 3201, // the first ones of the file
  epochs: 30,
  folds: 5,
  seeds: 2, // of folds and weights
  output: 'runs/clean-table',
})
await mkdir(options.output, { recursive: true })

/** A film as the file has it. */
type Film = Readonly<Record<string, string | number | null>>

const target = 'IMDB Rating' // the mean of what viewers gave, 1 to 10
const money = ['US Gross', 'Worldwide Gross', 'US DVD Sales', 'Production Budget']
const numbers = [...money, 'Running Time min', 'Rotten Tomatoes Rating', 'IMDB Votes']
const kinds = ['MPAA Rating', 'Distributor', 'Source', 'Major Genre', 'Creative Type']

// 1. The table as it comes. The titles 1776, 300 and seven more are numbers in the file, which is refused until their type is told.
const file = createRequire(import.meta.url)
  .resolve('vega-datasets')
  .replace(/build.*$/, 'data/movies.json')
const raw = (await readTable<Film>(file, { types: { Title: 'string' } })).take(options.films)
await writeProfile('before', raw)

// 2. What no statistic tells. Years of two digits were given the wrong century: Gone with the Wind is not of 2039.
const inItsCentury = (film: Film): Film => {
  const [, day = '', year = ''] = /^(.* )(\d{4})$/.exec(String(film['Release Date'])) ?? []
  return Number(year) > 2011 ? { ...film, 'Release Date': `${day}${Number(year) - 100}` } : film
}
const listed = (await raw.rows()).map(inItsCentury)
await raw.close()
const films = listed.filter((film) => film[target] !== null) // others have nothing to teach
const unrated = listed.find((film) => film[target] === null)

// 3. The recipe. Each fold fits it to the films that it trains with.
const cleaned = recipe(
  [
    cleaning.drop('Title'),
    cleaning.markMissing('Worldwide Gross', { values: [0] }), // nobody counted
    cleaning.markMissing('Distributor', { values: ['Distributor Unknown'] }),
    cleaning.parseDates('Release Date', { pattern: 'MMM dd yyyy' }),
    cleaning.dateParts('Release Date', { parts: ['year'], cycles: ['month'] }),
    cleaning.impute(numbers, { strategy: 'median', indicator: true }), // that a film has no DVD tells something, too
    cleaning.powerTransform([...money, 'IMDB Votes']), // a few films took most of the money
    cleaning.standardize(['Running Time min', 'Rotten Tomatoes Rating', 'Release Date_year']),
    cleaning.oneHot(kinds, { minFrequency: 20, unknown: 'other' }),
    cleaning.impute('Director', { strategy: 'constant', value: 'not told' }),
    cleaning.targetEncode('Director'), // how well the director's other films were liked
    cleaning.standardize('Director'),
    // A film with a rating has votes: a mark of missing votes would get a weight that nothing has trained.
    cleaning.dropConstant(),
  ],
  { target },
)

// 4. The way that costs nothing.
const naive = recipe([cleaning.standardize(numbers)], { target })
const isWhole = (film: Film): boolean => numbers.every((name) => film[name] !== null)
const numbersAlone = films.map((film) =>
  Object.fromEntries([...numbers, target].map((name) => [name, film[name] ?? null])),
)

/** The same small network for both: features → 32 → 16 → 1. It begins near the middle of the ratings. */
function network({ x }: LabelledData): Sequential {
  const model = sequential([
    layers.dense({ units: 32, activation: 'relu', inputShape: [(x as Tensor).shape[1] ?? 0] }),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 16, activation: 'relu' }),
    layers.dense({ units: 1, biasInitializer: initializers.constant({ value: 6 }) }),
  ])
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
  return model
}

// 5. Both are judged on films that neither steps nor network have seen: on those that have all numbers, as the naive way has no
// answer for others, and the cleaned way on all of them.
const whole = (positions: Uint32Array): Uint32Array => positions.filter((i) => isWhole(films[i] as Film))

/** Mean absolute errors of each fold of each seed. */
type Errors = { readonly whole: number[]; readonly all: number[] }
const errors = {
  constant: { whole: [], all: [] } as Errors,
  naive: { whole: [], all: [] } as Errors,
  cleaned: { whole: [], all: [] } as Errors,
}

async function judge(
  way: Recipe,
  rows: readonly Film[],
  folds: readonly Fold[],
  seed: number,
): Promise<number[]> {
  setRandomSeed(seed)
  const scores = await crossValidate(network, way.samples(rows), { folds, epochs: options.epochs })
  return scores.folds.map(({ mae = Number.NaN }) => mae)
}

/** What it costs to say the mean of the training films, whatever is asked. */
function errorOfMean({ train, test }: Fold): number {
  const ratings = (positions: Uint32Array) => Array.from(positions, (i) => Number(films[i]?.[target]))
  const middle = spreadOf(ratings(train)).mean
  return spreadOf(ratings(test).map((rating) => Math.abs(rating - middle))).mean
}

for (let seed = 0; seed < options.seeds; seed++) {
  const all: Fold[] = []
  for await (const fold of kFold(films.length, { folds: options.folds, shuffle: true, seed })) all.push(fold)
  const wholeTests = all.map(({ train, test }) => ({ train, test: whole(test) }))
  const wholeAlone = wholeTests.map(({ train, test }) => ({ train: whole(train), test }))
  errors.constant.whole.push(...wholeTests.map(errorOfMean))
  errors.constant.all.push(...all.map(errorOfMean))
  errors.naive.whole.push(...(await judge(naive, numbersAlone, wholeAlone, seed)))
  errors.cleaned.whole.push(...(await judge(cleaned, films, wholeTests, seed)))
  errors.cleaned.all.push(...(await judge(cleaned, films, all, seed)))
}

/** Mean ± standard deviation, with n − 1. */
function spread(values: readonly number[]): string {
  if (values.length === 0) return 'no answer'
  const { mean, deviation } = spreadOf(values)
  return `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`
}

const wholeCount = films.filter(isWhole).length
console.log(
  `Mean error in points of ten, over ${options.folds} folds and ${options.seeds} ${options.seeds === 1 ? 'seed' : 'seeds'}:\n`,
)
console.log(
  table(
    ['', 'learns from', `${wholeCount} films with all numbers`, `all ${films.length} films`],
    [
      ['always the mean', 'all', spread(errors.constant.whole), spread(errors.constant.all)],
      ['numbers alone, whole rows', `${wholeCount}`, spread(errors.naive.whole), spread(errors.naive.all)],
      ['cleaned', 'all', spread(errors.cleaned.whole), spread(errors.cleaned.all)],
    ],
  ),
)

// 6. What is used is fitted to all, looked at once more, and kept: the recipe beside its model.
setRandomSeed(0)
const { fitted, frame } = await cleaned.fitTransform(films)
const after = await tableFrom(frame.toRows() as Film[])
await writeProfile('after', after)
await after.close()
const { x, y } = frame.toMatrix()
const model = network({ x, y: y as Tensor })
await model.fit(x, y as Tensor, { epochs: options.epochs, verbose: 0 })
const kept = join(options.output, 'ratings')
await model.save(join(kept, 'model'))
await fitted.save(join(kept, 'recipe.json'))

// 7. A film as the file has it, which nobody has rated, by what was kept.
if (unrated !== undefined) {
  const { [target]: _, ...asked } = unrated
  const steps = await FittedRecipe.load(join(kept, 'recipe.json'))
  const judge = await loadModel(join(kept, 'model'))
  const answer = await judge.predict((await steps.transform([asked])).toMatrix().x) // (1, 1)
  const [rating] = await answer.data()
  console.log(`\n${asked.Title} has no rating: ${Number(rating).toFixed(1)} is expected.`)
}
console.log(`Profiles: ${join(options.output, 'before.html')} and after.html; recipe and model: ${kept}`)

/** Writes how a table looks as data to learn from, and says what was found most. */
async function writeProfile(name: string, of: Table<Film>): Promise<void> {
  const looked = await profile(of, { target, title: `Films, ${name}` })
  await writeFile(join(options.output, `${name}.html`), looked.toHTML())
  const { rows, columns } = looked.numbers
  const missing = columns.reduce((sum, column) => sum + column.missing, 0)
  console.log(
    `${name}: ${rows} rows, ${columns.length} columns, ${missing} cells missing, ${looked.findings.length} findings`,
  )
}
