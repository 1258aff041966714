import type { RowSource } from '@typegrad/data'
import { ArgumentError, checkOptions } from 'typegrad/core'
import { frameOf } from '../features/frame-of.ts'
import type { Score } from '../scores/interval.ts'
import { fittedAnew } from './fit-anew.ts'
import { combined, fitScorers, type JudgedRows, judgings, testLists } from './fit-scorers.ts'
import { Catalogue } from './interactions/catalogue.ts'
import { grouped, type Interactions, interactionsAt } from './interactions/interactions.ts'
import { checkRatings, readInteractions } from './interactions/read-interactions.ts'
import { type FittedFeatures, fitFeatures, readFeatureTable } from './interactions/side-features.ts'
import { splitInteractions } from './interactions/split.ts'
import { coverage } from './measures/ranking.ts'
import type { FitContext } from './models/scorer.ts'
import { modelNames, type RecommendModelName } from './models/table.ts'
import { type RecommendNote, recommendNoteText } from './recommend-notes.ts'
import { type RecommendOptions, recommendChecks } from './recommend-options.ts'
import type { RecommendCandidateReport } from './recommend-report.ts'
import { Recommender } from './recommender.ts'

/**
 * Trains a recommender: from a table of who took what, with ratings or without, to a model that recommends items, predicts ratings, finds
 * similar items, and was judged on rows that nothing was learned from.
 *
 * Models are tried and compared on rows that are held back: baselines (means, biases, popularity), neighbours of items, matrix
 * factorisation, of rankings by BPR and by softmax, with `time` SASRec, with features two towers. Of ratings their mean is taken, by weights that are found on these rows; of rankings the best. What was chosen is then
 * fitted anew to all rows.
 *
 * @param source a path that `readTable` of `@typegrad/data` reads, or rows: an array of objects, columns by name, a `Table`.
 * @throws ArgumentError for options and columns that cannot be; DataError for tables that nothing can be learned from: one user or one
 * item, ratings that are all the same, missing times, too few rows to hold any back.
 * @example
 * const model = await recommend('ratings.csv', { user: 'user', item: 'film', rating: 'stars', time: 'when' })
 * console.log(`${model}`)
 * const { items } = await model.recommend('user 7', 5)
 */
export async function recommend(source: string | RowSource, options: RecommendOptions): Promise<Recommender> {
  checkOptions('recommend', options, recommendChecks)
  const began = performance.now()
  const { user, item, rating, time, k = 10, seed = 0, budget = 120, signal, stop, onProgress } = options
  const task = options.task ?? (rating === undefined ? 'ranking' : 'ratings')
  const split = options.split ?? (time === undefined ? 'random' : 'last')
  checkTask(options)
  signal?.throwIfAborted()
  const read = readInteractions(await frameOf(source), {
    user,
    item,
    ...(rating !== undefined && { rating }),
    ...(time !== undefined && { time }),
  })
  const { interactions: all } = read
  if (task === 'ratings') checkRatings(all.ratings, rating ?? '')
  const people = await withFeatures(read.users, options.userFeatures, user, 'userFeatures')
  const things = await withFeatures(read.items, options.itemFeatures, item, 'itemFeatures')
  const [users, items] = [people.catalogue.length, things.catalogue.length]
  const rows = splitInteractions(all, users, split, {
    share: options.testShare ?? 0.1,
    isOneEach: task === 'ranking',
    seed,
  })
  const training = interactionsAt(all, rows.training)
  const watched = interactionsAt(all, rows.watched)
  const test = interactionsAt(all, rows.test)
  const range = rangeOf(all.ratings, task === 'ratings')
  const context: FitContext = {
    task,
    users,
    items,
    training,
    watched,
    hasTimes: time !== undefined,
    features: { users: people.features?.rows, items: things.features?.rows },
    k,
    seed,
    deadline: began + 750 * budget,
    signal,
    stop,
  }
  const { tried, skipped } = await fitScorers(context, options.models ?? modelNames, onProgress)
  const judged: JudgedRows = {
    training: grouped(training, 'users', users),
    before: grouped(interactionsAt(all, [...rows.training, ...rows.watched]), 'users', users),
    watched,
    test,
    users,
    items,
    k,
    seed,
    within: (scores) => scores.map((score) => Math.min(range[1], Math.max(range[0], score))),
  }
  const judging = judgings[task](judged)
  const reached: number[] = []
  for (const { scorer } of tried) reached.push(await judging.watched(scorer))
  const weights = judging.weights(tried, reached)
  const tests: (readonly Score[])[] = []
  for (const { scorer } of tried) tests.push(await judging.test(scorer))
  const best = combined(tried, weights)
  const { lists } = await testLists(judged, best)
  const reports = tried.map(
    ({ name, epochs }, i): RecommendCandidateReport => ({
      name,
      watched: reached[i] as number,
      weight: weights[i] as number,
      scores: tests[i] ?? [],
      ...(epochs !== undefined && { epochs }),
    }),
  )
  const { chosen, kept } = await fittedAnew(
    tried,
    weights,
    { ...context, training: all, deadline: began + 1000 * budget },
    { seen: grouped(all, 'users', users), growth: all.users.length / training.users.length, onProgress },
  )
  const ended = { end: stop?.aborted === true ? 'stop' : 'budget', budget } as const
  const remarks = [...read.notes, ...coldNotes(training, test), ...timeNotes(skipped, kept, ended)]
  return new Recommender({
    users: people.catalogue,
    items: things.catalogue,
    userRecipe: people.features?.recipe,
    seen: grouped(all, 'users', users),
    range,
    scorer: combined(chosen, weights),
    report: {
      task,
      user: { column: user, count: users },
      item: { column: item, count: items },
      ...(rating !== undefined && { rating }),
      split,
      rows: {
        total: all.users.length,
        training: rows.training.length,
        watched: rows.watched.length,
        test: rows.test.length,
      },
      scores: tests[tried.findIndex(({ scorer }) => scorer === best)] ?? (await judging.test(best)),
      coverage: coverage(lists, items),
      k,
      candidates: reports,
      notes: remarks.map((one) => recommendNoteText(one, 'en')),
      remarks,
      seconds: (performance.now() - began) / 1000,
    },
  })
}

/** Users or items with their features: those that nothing but features is known of come behind the others. */
async function withFeatures(
  seen: Catalogue,
  source: string | RowSource | undefined,
  column: string,
  option: string,
): Promise<{ readonly catalogue: Catalogue; readonly features?: FittedFeatures }> {
  if (source === undefined) return { catalogue: seen }
  const table = await readFeatureTable(source, column, option)
  const catalogue = new Catalogue([...seen.ids, ...table.ids.filter((id) => seen.placeOf(id) < 0)])
  return { catalogue, features: await fitFeatures(table, catalogue) }
}

/** @throws ArgumentError for options that do not go together. */
function checkTask({ task, rating, split, time }: RecommendOptions): void {
  if (task === 'ratings' && rating === undefined)
    throw new ArgumentError({
      where: 'recommend: task',
      expected: 'a column of ratings: rating',
      received: 'none',
      fix: "Name it, or leave out task: 'ratings'.",
    })
  if (split !== undefined && split !== 'random' && time === undefined)
    throw new ArgumentError({
      where: `recommend: split '${split}'`,
      expected: 'a column of times: time',
      received: 'none',
      fix: "Name it, or take split: 'random'.",
    })
}

function rangeOf(ratings: Float64Array, isRated: boolean): readonly [number, number] {
  if (!isRated) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  return ratings.reduce<readonly [number, number]>(
    ([least, greatest], value) => [Math.min(least, value), Math.max(greatest, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}

function coldNotes(training: Interactions, test: Interactions): RecommendNote[] {
  const [users, items] = [new Set(training.users), new Set(training.items)]
  const cold = test.users.filter((user, row) => !users.has(user) || !items.has(test.items[row] as number))
  return cold.length === 0 ? [] : [{ kind: 'cold', rows: cold.length, test: test.users.length }]
}

const timeNotes = (
  skipped: readonly RecommendModelName[],
  kept: readonly RecommendModelName[],
  ended: { readonly end: 'budget' | 'stop'; readonly budget: number },
): RecommendNote[] => [
  ...(skipped.length > 0 ? [{ kind: 'skipped', models: skipped, ...ended } as const] : []),
  ...(kept.length > 0 ? [{ kind: 'kept', models: kept, ...ended } as const] : []),
]
