// What will a person think of a film, and which one will be next? MovieLens-100k, by ratings and by what was watched.
//
//   npx tsx examples/retail/movies.ts
//   npx tsx examples/retail/movies.ts --folds 1 --users 200
//
// Ratings are predicted on random folds: each fifth once, by a model that knows the other four alone and has chosen among its candidates
// within them. Lists are judged by what each person watched last, which nothing is learned from.
//
// 2026-11-30, seed 1: RMSE 0.9067 over five folds (0.9030 to 0.9127), the means of films 1.0249; a blend of factors (0.45 to 0.67),
// neighbours and biases. Lists of ten, with the intervals of NDCG and how many of the films are in a list:
//
//                NDCG@10                       recall@10   MRR@10   films
//   SASRec        0.0929 (0.0776 to 0.1066)       0.1729   0.0685    31 %   after two minutes of CPU, 9 epochs
//   two towers    0.0710 (0.0575 to 0.0827)       0.1336   0.0522    48 %   by age, gender and trade, kinds and year; 18 epochs
//   neighbours    0.0650 (0.0528 to 0.0794)       0.1209   0.0481    22 %
//   softmax       0.0645 (0.0536 to 0.0754)
//   BPR           0.0472
//   popularity    0.0449 (0.0357 to 0.0540)       0.0859   0.0326

import { recommend } from '@typegrad/tabular'
import { hostRandom, shuffle } from 'typegrad/core'
import { programOptions } from '../options.ts'
import { table } from '../table.ts'
import { type MovieRating, readMovieLens } from './movielens.ts'

const options = programOptions({
  folds: 5, // of five that ratings are predicted on
  users: 0, // 0 for all
  ratingsOnly: false, // without lists
  seed: 1,
  budget: 1200, // seconds for each of the two kinds of model
})
const {
  ratings: all,
  users,
  films,
} = await readMovieLens().catch((error: unknown) => {
  console.error((error as Error).message)
  process.exit(1)
})
const people = new Set([...new Set(all.map(({ user }) => user))].slice(0, options.users || undefined))
const ratings = all.filter(({ user }) => people.has(user))
console.log(
  `${ratings.length} ratings of ${people.size} people for ${new Set(ratings.map(({ film }) => film)).size} films`,
)

const below = hostRandom(options.seed)
const order = shuffle(Array.from(ratings.keys()), below)
const partOf = new Map(order.map((row, i) => [row, i % 5]))

/** Of what is predicted, held to the stars that there are. */
function rootMeanSquare(test: readonly MovieRating[], predicted: ArrayLike<number>): number {
  const squares = test.map(({ stars }, i) => (Math.min(5, Math.max(1, predicted[i] as number)) - stars) ** 2)
  return Math.sqrt(squares.reduce((a, b) => a + b, 0) / test.length)
}

/** The mean of each film, and of all where it has none. */
function itemMeans(train: readonly MovieRating[], test: readonly MovieRating[]): number[] {
  const sums = new Map<string, { sum: number; count: number }>()
  for (const { film, stars } of train) {
    const own = sums.get(film) ?? { sum: 0, count: 0 }
    sums.set(film, { sum: own.sum + stars, count: own.count + 1 })
  }
  const mean = train.reduce((sum, { stars }) => sum + stars, 0) / train.length
  return test.map(({ film }) => {
    const own = sums.get(film)
    return own === undefined ? mean : own.sum / own.count
  })
}

const columns = { user: 'user', item: 'film', seed: options.seed, budget: options.budget } as const
const errors: { readonly ours: number; readonly means: number }[] = []
const lines: string[][] = []
for (let fold = 0; fold < options.folds; fold++) {
  const train = ratings.filter((_, row) => partOf.get(row) !== fold)
  const test = ratings.filter((_, row) => partOf.get(row) === fold)
  const model = await recommend(train, { ...columns, rating: 'stars' })
  const { scores } = await model.score(test)
  const one = { ours: rootMeanSquare(test, scores), means: rootMeanSquare(test, itemMeans(train, test)) }
  errors.push(one)
  console.log(`fold ${fold + 1}: ${one.ours.toFixed(4)}`)
  const members = model.report.candidates.filter(({ weight }) => weight > 0)
  lines.push([
    `fold ${fold + 1}`,
    one.ours.toFixed(4),
    one.means.toFixed(4),
    members.map(({ name, weight }) => `${name} ${weight.toFixed(2)}`).join(', '),
  ])
}
const mean = (of: 'ours' | 'means'): string =>
  (errors.reduce((sum, one) => sum + one[of], 0) / errors.length).toFixed(4)
const last = ['mean', mean('ours'), mean('means'), '']
if (errors.length > 0)
  console.log(`\nRMSE of ratings\n\n${table(['', 'model', 'means of films', 'of'], [...lines, last])}`)

if (!options.ratingsOnly) await showLists()

/** Films in an order for people: how good it is, and what it looks like. */
async function showLists(): Promise<void> {
  const lists = await recommend(ratings, {
    ...columns,
    time: 'when',
    task: 'ranking',
    userFeatures: users.filter(({ user }) => people.has(user)),
    itemFeatures: films,
  })
  const { candidates, scores, coverage, rows, notes } = lists.report
  const figures = candidates.map(({ name, weight, scores: own }) => [
    `${name}${weight > 0 ? ' (taken)' : ''}`,
    ...own.map(({ value }) => value.toFixed(4)),
  ])
  console.log(
    `\nWhat each of ${rows.test} people watched last\n\n${table(['', ...scores.map(({ metric }) => metric)], figures)}`,
  )
  const [first] = scores
  console.log(
    `\nThe interval of ${first?.metric} is ${first?.low.toFixed(4)} to ${first?.high.toFixed(4)}; ` +
      `${(100 * coverage).toFixed(1)} % of the films are in a list.`,
  )
  for (const note of notes) console.log(note)

  const film = films.find(({ title }) => title === 'Star Wars')?.film ?? films[0]?.film ?? ''
  const titles = (found: readonly { readonly item: string | number | boolean }[]): string =>
    found.map(({ item }) => `  ${String(item).replace(/ #\d+$/, '')}`).join('\n')
  console.log(`\nLike ${film.replace(/ #\d+$/, '')}:\n${titles((await lists.similar(film, 5)).items)}`)
  const [person = ''] = people
  console.log(`\nFor person ${person}:\n${titles((await lists.recommend(person, 5)).items)}`)
}
