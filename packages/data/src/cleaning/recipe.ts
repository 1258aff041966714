import { Dataset, type LabelledData, type RawSamples } from 'typegrad'
import { ArgumentError, checkOptions, DataError, FormatError, optionsOf } from 'typegrad/core'
import { fromJson, toJson } from 'typegrad/formats'
import { checks } from 'typegrad/layers'
import { contextOf, type FittedSteps, fitSteps, fitWhole } from './fit-steps.ts'
import { type FeatureMatrix, Frame, type Schema } from './frame.ts'
import { joinFrames } from './join-frames.ts'
import { openSource, type RowSource } from './row-source.ts'
import {
  readRecipe,
  readSteps,
  type SavedRecipe,
  type SavedStep,
  savedSchema,
  schemaFrom,
} from './saved-recipe.ts'
import type { FittedStep, Json, Step } from './step.ts'

export interface RecipeOptions {
  /** The column that is predicted: no feature, no need of it in rows that come, and what target encoding looks at. Default none. */
  readonly target?: string
}

const recipeChecks = optionsOf<RecipeOptions>()({ target: checks.string })

export interface StreamOptions {
  /** Rows of a frame. Default 8192. */
  readonly rows?: number
}

const streamChecks = optionsOf<StreamOptions>()({ rows: checks.count })

/** A fitted recipe, and what it makes of the very rows that it was fitted to. */
export interface FittedFrame {
  readonly fitted: FittedRecipe
  readonly frame: Frame
}

/**
 * How a table is made ready for a model, as steps that are carried out one after another: a description, which knows no data. `fit`
 * gives what knows it.
 *
 * @param steps made by `cleaning`.
 * @throws ArgumentError for what is no step.
 * @example
 * const houses = recipe(
 *   [
 *     cleaning.parseNumbers('price', { format: 'en' }),
 *     cleaning.impute('rooms', { strategy: 'median', indicator: true }),
 *     cleaning.oneHot('city', { minFrequency: 5, unknown: 'other' }),
 *     cleaning.standardize({ type: 'number' }),
 *   ],
 *   { target: 'price' },
 * )
 * const { fitted, frame } = await houses.fitTransform(train)
 * const { x, y } = frame.toMatrix()
 * await fitted.save('runs/houses/recipe.json')
 */
export function recipe(steps: readonly Step[], options: RecipeOptions = {}): Recipe {
  return new Recipe(steps, options)
}

/** A description of steps, as {@link recipe} makes it. */
export class Recipe {
  readonly steps: readonly Step[]
  readonly target: string | undefined

  constructor(steps: readonly Step[], options: RecipeOptions = {}) {
    checkOptions('recipe', options, recipeChecks)
    const wrong = Array.isArray(steps) ? steps.findIndex((step) => typeof step?.begin !== 'function') : 0
    if (wrong >= 0)
      throw new ArgumentError({
        where: 'recipe',
        expected: 'an array of steps, such as [cleaning.impute(…), cleaning.standardize(…)]',
        received: Array.isArray(steps) ? `something else at ${wrong}` : typeof steps,
      })
    this.steps = [...steps]
    this.target = options.target
  }

  /**
   * Learns from rows what the steps have to know, from these rows alone. Rows that come from files are read a few times, in memory
   * that does not grow with them, but for what some statistics need: exact quantiles, the median, and powers keep the numbers of
   * their columns, `knnImpute` its rows, `dropDuplicates` keys, and with `targetEncode` the whole table is in memory.
   *
   * @throws DataError for rows that do not fit, by row and column, and where there is nothing to fit to; ArgumentError for a column
   * that there is not.
   */
  async fit(rows: RowSource): Promise<FittedRecipe> {
    const source = openSource('Recipe.fit', rows)
    if (this.steps.some(({ needsWhole }) => needsWhole))
      return new FittedRecipe(this, await fitWhole(source, this.steps, this.target))
    return new FittedRecipe(this, await fitSteps(source, this.steps, this.target))
  }

  /**
   * Learns from rows and gives what the steps make of them, all in memory. It differs from `fit` and `transform` in what is done to
   * the rows that are trained on alone: rows are left out, and targets are encoded within folds.
   *
   * @throws as {@link fit} does.
   */
  async fitTransform(rows: RowSource): Promise<FittedFrame> {
    const { frame, ...steps } = await fitWhole(openSource('Recipe.fit', rows), this.steps, this.target)
    const fitted = new FittedRecipe(this, steps)
    return { fitted, frame }
  }

  /**
   * Rows as `crossValidate` takes them: the recipe is fitted within each fold, to the rows that the fold trains with, and
   * the rows that it is judged on are only transformed.
   *
   * @throws ArgumentError, before anything is fitted, for a recipe without a target.
   * @example
   * await crossValidate(buildModel, houses.samples(rows), { folds: 5, epochs: 20 })
   */
  samples<Row extends object>(rows: readonly Row[]): RawSamples<Row> {
    if (this.target === undefined)
      throw new ArgumentError({
        where: 'Recipe.samples',
        expected: 'a recipe that knows what is predicted',
        received: 'one without a target',
        fix: "recipe(steps, { target: 'price' })",
      })
    return {
      samples: rows,
      prepare: async (training) => {
        const { fitted, frame } = await this.fitTransform(training)
        return async (some) => labelled(some === training ? frame : await fitted.transform(some))
      },
    }
  }

  /** The description as JSON. */
  toJSON(): { readonly steps: readonly SavedStep[]; readonly target?: string } {
    return {
      steps: this.steps.map(({ kind, columns, options }) => ({
        kind,
        ...(columns !== undefined && { columns: columns as Json }),
        options: toJson(options) as Json,
      })),
      ...(this.target !== undefined && { target: this.target }),
    }
  }

  /** The recipe that {@link toJSON} described. @throws FormatError for what is no such description. */
  static fromJSON(json: unknown): Recipe {
    const { steps, target } = readSteps(fromJson(json), 'Recipe.fromJSON')
    return new Recipe(steps, target === undefined ? {} : { target })
  }
}

function labelled(frame: Frame): LabelledData {
  const { x, y } = frame.toMatrix()
  if (y !== undefined) return { x, y }
  throw new DataError({
    where: 'Recipe.samples',
    expected: `rows with the target '${frame.target}'`,
    received: `rows with ${frame.names.join(', ')}`,
  })
}

/** A recipe with what it has learned. It changes no more: another `fit` gives another one. */
export class FittedRecipe {
  readonly recipe: Recipe
  readonly #fitted: FittedSteps
  /** Names and types of the columns behind the steps. */
  readonly output: Schema

  constructor(recipe: Recipe, fitted: FittedSteps) {
    this.recipe = recipe
    this.#fitted = fitted
    this.output = fitted.steps.reduce((schema, step) => step.outputs(schema), fitted.input)
  }

  /** Names and types of the columns that rows have to have; the target may be missing. */
  get input(): Schema {
    return this.#fitted.input
  }

  /** How often the rows were read to learn from them. */
  get passes(): number {
    return this.#fitted.passes
  }

  get target(): string | undefined {
    return this.recipe.target
  }

  /** Names of the features, as `toMatrix` gives them: the columns behind the steps but the target. */
  get featureNames(): readonly string[] {
    return [...this.output.keys()].filter((name) => name !== this.target)
  }

  /** What each step has learned, in order; null of those that learn nothing. */
  get learned(): readonly {
    readonly kind: string
    readonly columns: readonly string[]
    readonly learned: Json
  }[] {
    return this.#fitted.steps.map(({ step, columns, learned }) => ({ kind: step.kind, columns, learned }))
  }

  /**
   * What the steps make of rows, all in memory. No row is left out: steps that leave rows out do so when they are fitted, alone.
   *
   * @throws DataError for a table that lacks a column, a cell of another type, an unknown category where the step does not say what
   * becomes of it, and the like, by row and column.
   * @example
   * const { x } = (await fitted.transform([{ rooms: 3, city: 'Oslo' }])).toMatrix()
   */
  async transform(rows: RowSource): Promise<Frame> {
    const frames: Frame[] = []
    for await (const frame of this.#framesOf('FittedRecipe.transform', rows)) frames.push(frame)
    const schema = frames[0]?.schema ?? this.output
    return joinFrames(frames, schema, this.target)
  }

  /**
   * The same, a part of the rows at a time, in memory that does not grow with them.
   *
   * @example
   * for await (const frame of fitted.stream(rows, { rows: 1000 })) await model.predict(frame.toMatrix().x)
   */
  async *stream(rows: RowSource, options: StreamOptions = {}): AsyncGenerator<Frame, void, undefined> {
    checkOptions('FittedRecipe.stream', options, streamChecks)
    yield* this.#framesOf('FittedRecipe.stream', rows, options.rows)
  }

  /**
   * A data set of typegrad, of features and label of each row, that reads the rows anew for each epoch. Of the rows that were fitted
   * to, it encodes targets as it does those of others, which lets them leak into features: take `fitTransform` with `targetEncode`.
   *
   * @throws ArgumentError for a recipe without a target.
   * @example
   * await model.fit(fitted.toDataset(rows).batch(32), { epochs: 3 })
   */
  toDataset(rows: RowSource): Dataset<readonly [Float32Array, number]> {
    const { target } = this
    if (target === undefined)
      throw new ArgumentError({
        where: 'FittedRecipe.toDataset',
        expected: 'a recipe that knows what is predicted',
        received: 'one without a target',
        fix: "recipe(steps, { target: 'price' })",
      })
    const self = this
    return Dataset.fromGenerator(async function* () {
      for await (const frame of self.#framesOf('FittedRecipe.toDataset', rows)) {
        const features = frame.featureNames.map((name) => frame.complete(name))
        const labels = frame.complete(target)
        for (let row = 0; row < frame.length; row++)
          yield [
            Float32Array.from(features, (values) => values[row] as number),
            labels[row] as number,
          ] as const
      }
    })
  }

  /**
   * Columns as they were before the steps, such as predictions of a target that was scaled. Columns that the given ones do not hold
   * stay away; where numbers were filled or clipped, they stay so.
   *
   * @param columns what the steps had made: a frame, or some of its columns.
   * @throws ArgumentError for a step that has no way back, such as target encoding.
   * @example
   * const { price } = Object.fromEntries(fitted.inverse({ price: await predictions.data() }).columns)
   */
  inverse(columns: Frame | Readonly<Record<string, ArrayLike<number>>>): Frame {
    let frame = columns instanceof Frame ? columns : frameOfNumbers(columns)
    // Columns before each step, for what of them the frame's come from.
    const { steps, input } = this.#fitted
    const schemas = [input]
    for (const step of steps) schemas.push(step.outputs(schemas.at(-1) as Schema))
    for (const [i, step] of [...steps.entries()].reverse()) {
      const [before, behind] = [schemas[i] as Schema, schemas[i + 1] as Schema]
      const isTouched = touches(step, before, behind, frame)
      if (!isTouched) continue
      if (step.invert === undefined)
        throw new ArgumentError({
          where: `FittedRecipe.inverse: ${contextOf(step.step, i, this.target).where}`,
          expected: 'steps that have a way back',
          received: `columns that ${step.step.kind} made`,
        })
      frame = step.invert(frame)
    }
    return frame
  }

  /** Description and what was learned as JSON: plain objects, arrays, numbers and texts. */
  toJSON(): SavedRecipe {
    return {
      format: 'typegrad-recipe',
      version: 1,
      ...this.recipe.toJSON(),
      input: savedSchema(this.input),
      learned: this.#fitted.steps.map(({ columns, learned }) => ({
        columns,
        learned: toJson(learned) as Json,
      })),
    }
  }

  /** The recipe that {@link toJSON} gave. @throws FormatError for what is damaged, or of a version that is not known. */
  static fromJSON(json: unknown, where = 'FittedRecipe.fromJSON'): FittedRecipe {
    const saved = readRecipe(fromJson(json), where)
    const { steps, target } = readSteps(saved, where)
    const recipe = new Recipe(steps, target === undefined ? {} : { target })
    if (saved.learned.length !== steps.length)
      throw new FormatError({
        where,
        expected: `what each of ${steps.length} steps had learned`,
        received: `that of ${saved.learned.length}`,
      })
    const fitted = steps.map((step, i): FittedStep => {
      const { columns, learned } = saved.learned[i] as { columns: readonly string[]; learned: Json }
      const context = contextOf(step, i, target)
      return step.restore(columns, learned, { ...context, where: `${where}: ${context.where}` })
    })
    return new FittedRecipe(recipe, { steps: fitted, input: schemaFrom(saved.input, where), passes: 0 })
  }

  /**
   * Keeps the recipe in a file, beside a model: whole or not at all.
   *
   * @example
   * await model.save('runs/houses/model')
   * await fitted.save('runs/houses/recipe.json')
   */
  async save(path: string): Promise<void> {
    const { saveRecipe } = await import('./recipe-file.node.ts')
    await saveRecipe(path, this.toJSON())
  }

  /**
   * The recipe that {@link save} kept.
   *
   * @throws FormatError for a file that there is not, is damaged, or of a version that is not known.
   */
  static async load(path: string): Promise<FittedRecipe> {
    const { loadRecipeFile } = await import('./recipe-file.node.ts')
    return FittedRecipe.fromJSON(await loadRecipeFile(path), path)
  }

  async *#framesOf(where: string, rows: RowSource, size?: number): AsyncGenerator<Frame, void, undefined> {
    const { steps, input } = this.#fitted
    const optional = new Set(this.target === undefined ? [] : [this.target])
    const options = { where, optional, ...(size !== undefined && { rows: size }) }
    for await (const frame of openSource(where, rows).frames(input, options)) {
      let now = frame.withTarget(this.target)
      for (const step of steps) now = step.apply(now)
      yield now
    }
  }
}

/** Whether a step has made, or changed, a column that a frame has. */
function touches(step: FittedStep, before: Schema, behind: Schema, frame: Frame): boolean {
  const isMade = [...behind.keys()].some((name) => !before.has(name) && frame.has(name))
  return isMade || step.columns.some((name) => frame.has(name))
}

function frameOfNumbers(columns: Readonly<Record<string, ArrayLike<number>>>): Frame {
  const entries = Object.entries(columns)
  const length = entries[0]?.[1].length ?? 0
  return new Frame(
    new Map(entries.map(([name, values]) => [name, { type: 'number', values: Float64Array.from(values) }])),
    length,
  )
}

export type { FeatureMatrix }
