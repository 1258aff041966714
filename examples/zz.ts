// How well do viewers like a film? Sixteen columns that people typed in know it, and not one of them is whole: this is what it takes
// to learn from such a table, and what it brings.
//
//   npx tsx examples/clean-table.ts
//   npx tsx examples/clean-table.ts --films 600 --epochs 10 --seeds 1 --folds 3     a quick look
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { cleaning, FittedRecipe, profile, readTable, recipe, type Table, tableFrom } from '@typegrad/data'
import {
  crossValidate,
  type Fold,
  initializers,
  kFold,
  type LabelledData,
  layers,
  loadModel,
  metrics,
  type Sequential,
  sequential,
  setRandomSeed,
  type Tensor,
} from 'typegrad'
import { programOptions } from './options.ts'
import { table } from './table.ts'

const options = programOptions({
  films: 3201, // the first ones of the file
  epochs: 30,
  folds: 5,
  seeds: 3, // of weights and folds
  output: 'runs/clean-table',
})
await mkdir(options.output, { recursive: true })
const target = 'IMDB Rating' // 1 to 10, the mean of what viewers gave

/** A film as the file has it. */
type Film = Readonly<Record<string, string | number | null>>

// 1. The table as it comes. The titles 1776, 300 and seven more are numbers in the file: without the type it is refused, with the row.
const file = createRequire(import.meta.url)
  .resolve('vega-datasets')
  .replace(/build.*$/, 'data/movies.json')
const raw = (await readTable<Film>(file, { types: { Title: 'string' } })).take(options.films)
await describe('before', raw)

// 2. What no statistic tells has to be said: without a rating there is nothing to learn, and years of two digits were given the wrong century.
// The file was made in 2010: Gone with the Wind is not of 2039.
const inItsCentury = (film: Film): Film => {
  const [, day, year] = /^(.* )(\d{4})$/.exec(String(film['Release Date'])) ?? []
  return Number(year) > 2011 ? { ...film, 'Release Date': `${day}${Number(year) - 100}` } : film
}
const films = (await raw.rows()).filter((film) => film[target] !== null).map(inItsCentury)

// 3. The recipe: what a fold's other films tell goes into the steps, of those that it is judged on nothing.
const money = ['US Gross', 'Worldwide Gross', 'US DVD Sales', 'Production Budget']
const numbers = [...money, 'Running Time min', 'Rotten Tomatoes Rating', 'IMDB Votes']
const kinds = ['MPAA Rating', 'Distributor', 'Source', 'Major Genre', 'Creative Type']
const cleaned = recipe(
  [
    cleaning.drop('Title'),
    cleaning.markMissing('Worldwide Gross', { values: [0] }), // a film that was shown nowhere was not counted
    cleaning.markMissing('Distributor', { values: ['Distributor Unknown'] }),
    cleaning.parseDates('Release Date', { pattern: 'MMM dd yyyy' }),
    cleaning.dateParts('Release Date', { parts: ['year'], cycles: ['month'] }),
    cleaning.impute(numbers, { strategy: 'median', indicator: true }),
    cleaning.powerTransform([...money, 'IMDB Votes']), // a few films took nearly all of the money
    cleaning.standardize(['Running Time min', 'Rotten Tomatoes Rating', 'Release Date_year']),
    cleaning.oneHot(kinds, { minFrequency: 20, unknown: 'other' }),
    cleaning.impute('Director', { strategy: 'constant', value: 'not told' }),
    cleaning.targetEncode('Director'), // the mean rating of a director's other films
    cleaning.standardize('Director'),
  ],
  { target },
)

// 4. The way that costs nothing: the numbers as they are, of the rows that have them all.
const naive = recipe([cleaning.standardize(numbers)], { target })
const isWhole = (film: Film): boolean => numbers.every((name) => film[name] !== null)
const numbersAlone = films.map((film) =>
  Object.fromEntries([...numbers, target].map((name) => [name, film[name] ?? null])),
)
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const ratingsOf = (positions: Iterable<number>): number[] =>
  Array.from(positions, (i) => Number(films[i]?.[target]))
const middle = meanOf(films.map((film) => Number(film[target])))

/** One small network for all: features → 32 → 16 → 1. It begins near the middle of the scale. */
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

// 5. Judged on films that neither steps nor network have seen: by all, and by those that the naive way has an answer for.
const whole = (positions: Uint32Array): Uint32Array => positions.filter((i) => isWhole(films[i] as Film))
const errors = {
  naive: [] as number[],
  cleaned: [] as number[],
  mean: [] as number[],
  cleanedOfAll: [] as number[],
  meanOfAll: [] as number[],
}
for (let seed = 0; seed < options.seeds; seed++) {
  const folds: Fold[] = []
  for await (const fold of kFold(films.length, { folds: options.folds, shuffle: true, seed })) folds.push(fold)
  const wholeTests = folds.map(({ train, test }) => ({ train, test: whole(test) }))
  const wholeAlone = wholeTests.map(({ train, test }) => ({ train: whole(train), test }))
  const judge = async (way: typeof naive, rows: readonly Film[], on: readonly Fold[]): Promise<number[]> => {
    setRandomSeed(seed)
    const { folds: scores } = await crossValidate(network, way.samples(rows), {
      folds: on,
      epochs: way === naive ? 15*options.epochs : options.epochs, batchSize: 64,
    })
    return scores.map(({ mae = Number.NaN }) => mae)
  }
  errors.naive.push(...(await judge(naive, numbersAlone, wholeAlone)))
  errors.cleaned.push(...(await judge(cleaned, films, wholeTests)))
  errors.cleanedOfAll.push(...(await judge(cleaned, films, folds)))
  const ofMean = ({ train, test }: Fold): number => {
    const mean = meanOf(ratingsOf(train))
    return meanOf(ratingsOf(test).map((rating) => Math.abs(rating - mean)))
  }
  errors.mean.push(...wholeTests.map(ofMean))
  errors.meanOfAll.push(...folds.map(ofMean))
}
console.log(errors, middle, process.cpuUsage())

async function describe(name: string, of: Table<Film>): Promise<void> {
  const described = await profile(of, { target, title: `Films, ${name}` })
  await writeFile(join(options.output, `${name}.html`), described.toHTML())
}
