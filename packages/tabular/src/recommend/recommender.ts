import { type Category, FittedRecipe, type RowSource } from '@typegrad/data'
import { ArgumentError, checkOptions } from 'typegrad/core'
import { writeFileAtomically } from 'typegrad/formats'
import { checkColumn, frameOf } from '../features/frame-of.ts'
import { type ModelFormat, modelBytes, modelParts } from '../saving/model-bytes.ts'
import { readList, readNumbers, readPart, type Saved } from '../saving/saved.ts'
import { checkLength, knownId } from './checks.ts'
import {
  type EvaluateRecommenderOptions,
  evaluateChecks,
  evaluateRows,
  type RecommenderEvaluation,
} from './evaluate-rows.ts'
import { Catalogue } from './interactions/catalogue.ts'
import { countsOf, type Grouped, othersOf } from './interactions/interactions.ts'
import { readSeen } from './interactions/read-seen.ts'
import { rowsOf } from './interactions/side-features.ts'
import { topItems } from './measures/top-items.ts'
import { readScorer } from './models/blend.ts'
import type { Scorer, ScorerVectors } from './models/scorer.ts'
import { type RecommendReport, recommendReportText } from './recommend-report.ts'
import {
  type Basis,
  type ListOptions,
  listChecks,
  type PairScores,
  type Recommendations,
  type RecommendedItem,
} from './recommendations.ts'
import { itemIndex, userQuery } from './retrieval/item-index.ts'
import type { VectorIndex } from './retrieval/vector-index.ts'

interface RecommenderParts {
  readonly report: RecommendReport
  readonly users: Catalogue
  readonly items: Catalogue
  /** What each user took. */
  readonly seen: Grouped
  /** Between which ratings are; of no ratings −∞ and ∞. */
  readonly range: readonly [least: number, greatest: number]
  readonly scorer: Scorer
  /** What makes numbers of features of users. */
  readonly userRecipe: FittedRecipe | undefined
}

const format: ModelFormat = {
  name: 'typegrad-recommender',
  what: 'a recommender, as Recommender.save keeps it',
  version: 1,
}

/** A model that knows what users take, as {@link recommend} makes it. */
export class Recommender {
  /** What was asked, what there was, and what was reached. */
  readonly report: RecommendReport
  readonly #parts: RecommenderParts
  /** Users of each item. */
  readonly #popularity: Float64Array
  #index: Promise<VectorIndex> | undefined

  constructor(parts: RecommenderParts) {
    this.report = parts.report
    this.#parts = parts
    this.#popularity = countsOf(parts.seen.others, parts.items.length)
  }

  /**
   * Items that a user has not taken yet, the best first: at most `k`.
   *
   * A user who was never seen is known by `history` or by features, or else given what most take (of ratings: what is rated best);
   * `basis` says which.
   *
   * @param k default 10.
   * @throws ArgumentError for a k that is no whole number from 1 on, and features where users have none; DataError for features that do not
   * fit.
   * @example
   * const { items, basis } = await model.recommend('user 7', 5)
   */
  async recommend(user: Category, k = 10, options: ListOptions = {}): Promise<Recommendations> {
    checkOptions('recommend', options, listChecks)
    checkLength('recommend', k)
    const { users, items, seen, scorer } = this.#parts
    const place = users.placeOf(user)
    const taken = place < 0 ? new Int32Array(0) : othersOf(seen, place)
    const history = items.placesOf(options.history ?? []).filter((item) => item >= 0)
    const known = options.includeSeen ? undefined : new Set([...taken, ...history])
    const listed = (basis: Basis, scores: Float64Array): Recommendations => ({
      basis,
      items: this.#listed(scores, k, known),
    })
    if (history.length > 0 && scorer.informed !== undefined) {
      const one = { starts: Uint32Array.of(0, history.length), others: history, ratings: new Float64Array(0) }
      return listed('model', (await scorer.informed(one)).all(0))
    }
    if (options.features !== undefined) return listed('features', await this.#byFeatures(options.features))
    if (taken.length > 0) {
      if (options.search === 'approximate' && scorer.vectors !== undefined)
        return { basis: 'model', items: await this.#near(scorer.vectors, place, k, known) }
      return listed('model', scorer.all(place))
    }
    if (place >= 0 && scorer.usesFeatures) return listed('features', scorer.all(place))
    return listed('popularity', this.#popular())
  }

  /** Items by an index of their vectors, which is made once. */
  async #near(
    vectors: ScorerVectors,
    user: number,
    k: number,
    known: ReadonlySet<number> | undefined,
  ): Promise<RecommendedItem[]> {
    this.#index ??= itemIndex(vectors)
    const base = vectors.mean + (vectors.userBiases[user] ?? 0)
    const found = (await this.#index).search(userQuery(vectors, user), k, known)
    const within = this.#within(Float64Array.from(found, ({ score }) => base + score))
    return found.map(({ row }, i) => ({
      item: this.#parts.items.ids[row] as Category,
      score: within[i] as number,
    }))
  }

  async #byFeatures(row: object): Promise<Float64Array> {
    const { userRecipe, scorer } = this.#parts
    const [features] = userRecipe === undefined ? [] : rowsOf(await userRecipe.transform([row]))
    const scores = features && scorer.byFeatures?.(features)
    if (scores !== undefined) return scores
    throw new ArgumentError({
      where: 'recommend: features',
      expected: 'a model that knows features of users',
      received:
        userRecipe === undefined
          ? 'one that was trained without userFeatures'
          : `${this.report.candidates
              .filter(({ weight }) => weight > 0)
              .map(({ name }) => name)
              .join(', ')}, which reached more without them`,
      fix: "Train with models: ['two towers'], or leave features out.",
    })
  }

  /**
   * Items like one, the nearest first: at most `k`. Of one that was never seen there is nothing to say but what most take, and `basis`
   * says so.
   *
   * @param k default 10.
   * @throws ArgumentError for a k that is no whole number from 1 on.
   * @example
   * const { items } = await model.similar('Toy Story', 5)
   */
  async similar(item: Category, k = 10): Promise<Recommendations> {
    checkLength('similar', k)
    const { items, scorer } = this.#parts
    const place = items.placeOf(item)
    const found = place < 0 ? [] : scorer.similar(place, k)
    if (found.length === 0)
      return { basis: 'popularity', items: this.#listed(this.#popular(), k, new Set([place])) }
    return {
      basis: (this.#popularity[place] as number) > 0 ? 'model' : 'features',
      items: found.map(({ item: other, score }) => ({ item: items.ids[other] as Category, score })),
    }
  }

  /**
   * Scores of pairs of a user and an item, in rows with the columns that were learned from: ratings that are expected, within the range of
   * those that were seen, or how much rather an item is taken than others.
   *
   * @throws ArgumentError for a table without the two columns; DataError for cells that are missing.
   * @example
   * const { scores } = await model.score([{ user: 'user 7', item: 'Toy Story' }])
   */
  async score(rows: string | RowSource): Promise<PairScores> {
    const { users, items, scorer } = this.#parts
    const frame = await frameOf(rows)
    const [people, things] = ([this.report.user, this.report.item] as const).map(({ column }) => {
      checkColumn(frame, 'score', column)
      return frame.categories(column, 'score').map((id, row) => knownId(id, column, row))
    }) as [Category[], Category[]]
    const [userPlaces, itemPlaces] = [users.placesOf(people), items.placesOf(things)]
    const unseenOf = (ids: readonly Category[], places: Int32Array): Category[] => [
      ...new Set(ids.filter((_, row) => (places[row] as number) < 0)),
    ]
    return {
      scores: this.#within(scorer.pairs(userPlaces, itemPlaces)),
      unseen: { users: unseenOf(people, userPlaces), items: unseenOf(things, itemPlaces) },
    }
  }

  /**
   * Judges the model on other rows, such as what users took since it was trained, by the metrics of its report: rows with the columns that were
   * learned from; of ratings each pair's, of rankings lists of all items that a user had not taken. Rows of users and items that were never
   * seen are left out and counted.
   *
   * @throws ArgumentError for a table without the columns; DataError where no row can be judged.
   * @example
   * const { scores, unseen } = await model.evaluate('june.csv')
   */
  async evaluate(
    rows: string | RowSource,
    options: EvaluateRecommenderOptions = {},
  ): Promise<RecommenderEvaluation> {
    checkOptions('evaluate', options, evaluateChecks)
    const within = (scores: Float64Array): Float64Array => this.#within(scores)
    return await evaluateRows({ ...this.#parts, within }, await frameOf(rows), options.seed ?? 0)
  }

  /**
   * The columns of `userFeatures` that someone who was never seen is known by: what {@link recommend} takes as `features`. None where the
   * model knows no features of users, or reached more without them.
   */
  get userFeatures(): readonly string[] {
    const { userRecipe, scorer } = this.#parts
    return userRecipe === undefined || scorer.byFeatures === undefined ? [] : [...userRecipe.input.keys()]
  }

  #within(scores: Float64Array): Float64Array {
    const [least, greatest] = this.#parts.range
    return scores.map((score) => Math.min(greatest, Math.max(least, score)))
  }

  #listed(scores: Float64Array, k: number, leftOut?: ReadonlySet<number>): RecommendedItem[] {
    const within = this.#within(scores)
    return Array.from(topItems(scores, k, leftOut), (item) => ({
      item: this.#parts.items.ids[item] as Category,
      score: within[item] as number,
    }))
  }

  /** What most take; of ratings, what is rated best. */
  #popular(): Float64Array {
    return this.report.task === 'ratings' ? this.#parts.scorer.all(-1) : this.#popularity
  }

  /** The report in lines. */
  toString(): string {
    return recommendReportText(this.report)
  }

  /** All that it needs, as the bytes of a zip archive: what {@link save} writes. */
  async toBytes(): Promise<Uint8Array<ArrayBuffer>> {
    const { report, users, items, seen, range, scorer, userRecipe } = this.#parts
    return modelBytes(format, {
      report: report as unknown as Saved,
      users: users.ids,
      items: items.ids,
      seen: { starts: seen.starts, items: seen.others },
      range,
      kind: scorer.kind,
      scorer: await scorer.toSaved(),
      userRecipe: (userRecipe?.toJSON() ?? null) as unknown as Saved,
    })
  }

  /** The model that {@link toBytes} gave. @throws FormatError for what is damaged, or of a version that is not known. */
  static fromBytes(bytes: Uint8Array, where = 'Recommender.fromBytes'): Recommender {
    const saved = modelParts(bytes, format, where)
    const [users, items] = (['users', 'items'] as const).map(
      (name) => new Catalogue(readList(saved, name) as readonly Category[]),
    ) as [Catalogue, Catalogue]
    const savedRecipe = readPart(saved, 'userRecipe')
    const [least = 0, greatest = 0] = readNumbers(saved, 'range')
    return new Recommender({
      report: readPart(saved, 'report') as RecommendReport,
      users,
      items,
      seen: readSeen(readPart(saved, 'seen'), users.length, items.length),
      range: [least, greatest],
      scorer: readScorer(saved),
      userRecipe: savedRecipe === null ? undefined : FittedRecipe.fromJSON(savedRecipe, where),
    })
  }

  /**
   * Keeps the model in a file, with checksums: whole or not at all.
   *
   * @example
   * await model.save('models/films.model')
   */
  async save(path: string): Promise<void> {
    await writeFileAtomically(path, [await this.toBytes()])
  }

  /**
   * The model that {@link save} kept.
   *
   * @throws FormatError for a file that there is not, is damaged, or of a version that is not known.
   */
  static async load(path: string): Promise<Recommender> {
    const { readModelFile } = await import('../saving/model-file.node.ts')
    return Recommender.fromBytes(await readModelFile(path), path)
  }
}
