import { kFold, stratifiedKFold } from 'typegrad'
import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type Category, type Column, type Frame, numberColumn } from '../frame.ts'
import { replacedIn } from '../schema.ts'
import { compareCategories } from '../statistics/category-counter.ts'
import { defineStep, isNumbers, isRecord, type Learning, Unreadable, type Use } from '../step.ts'
import { nothingToFit } from './numeric-step.ts'

export interface TargetEncodeOptions {
  /**
   * How far the mean of a category is drawn to that of all: a number of rows, so many of which count as if they had the mean of all,
   * or 'auto', which finds it from the variance within the category and that of all (empirical Bayes). Default 'auto'.
   */
  readonly smooth?: 'auto' | number
  /** Folds of the rows that are fitted to: each is encoded by what the others tell. Default 5. */
  readonly folds?: number
  /** Whether folds take rows in random order. Default true. */
  readonly shuffle?: boolean
  /** Makes the random order a function of this number. Default 0. */
  readonly seed?: number
  /** What the target is: numbers, or classes, of which more than two give a column each. Default 'regression' of numbers, 'classes' of others. */
  readonly task?: 'regression' | 'classes'
}

const targetChecks = optionsOf<TargetEncodeOptions>()({
  smooth: {
    expected: "'auto' or a number of at least 0",
    accepts: (value) => value === 'auto' || (Number.isFinite(value) && (value as number) >= 0),
  },
  folds: checks.wholeFrom(2),
  shuffle: checks.boolean,
  seed: checks.number,
  task: checks.oneOf('regression', 'classes'),
})

/** What is known of the target given each category. Rows of numbers: one for each output. */
interface TargetTable {
  /** Of classes, theirs; null of numbers. */
  readonly classes: readonly Category[] | null
  /** The mean of each output over all rows, which stands for categories that are not known. */
  readonly means: readonly number[]
  readonly columns: readonly ColumnTargets[]
}

interface ColumnTargets {
  readonly categories: readonly (Category | null)[]
  /** For each category, its outputs. */
  readonly encodings: readonly (readonly number[])[]
}

type TargetUse = Use<TargetEncodeOptions, TargetTable>

export const targetEncode = defineStep<TargetEncodeOptions, TargetTable>({
  kind: 'targetEncode',
  check: (where, options) => checkOptions(where, options, targetChecks),
  takes: ['text', 'number', 'boolean'],
  readsTarget: true,
  learn: ({ columns, options, where, target }): Learning<TargetTable> => {
    if (target === undefined || columns.includes(target))
      throw new ArgumentError({
        where,
        expected: 'a recipe with a target, which is none of the columns',
        received: target === undefined ? 'one without' : `'${target}' among the columns`,
        fix: "recipe(steps, { target: 'price' })",
      })
    const cells: (Category | null)[][] = columns.map(() => [])
    const labels: Category[] = []
    return {
      add: (frame) => {
        for (const label of labelsOf(frame, target, where)) labels.push(label)
        for (const [i, name] of columns.entries())
          for (const cell of frame.categories(name, where)) cells[i]?.push(cell)
      },
      finish: () => {
        const { classes, outputs } = outputsOf(labels, options, where)
        const rows = Uint32Array.from(labels.keys())
        return {
          classes,
          means: outputs.map((values) => meanOf(values, rows)),
          columns: cells.map((of, i) => {
            if (of.every((cell) => cell === null)) throw nothingToFit(where, columns[i] as string)
            const categories = distinct(of)
            return { categories, encodings: encodingsOf(of, categories, outputs, rows, options) }
          }),
        }
      },
    }
  },
  read: (learned, columns) => {
    const what = 'the mean of the target for each category'
    if (!isRecord(learned) || !isNumbers(learned.means) || !Array.isArray(learned.columns))
      throw new Unreadable(what)
    const { means, classes, columns: tables } = learned
    const isTable = (table: unknown): boolean =>
      isRecord(table) &&
      Array.isArray(table.categories) &&
      Array.isArray(table.encodings) &&
      table.encodings.length === table.categories.length &&
      table.encodings.every((row) => isNumbers(row) && row.length === means.length)
    if (tables.length !== columns.length || !tables.every(isTable)) throw new Unreadable(what)
    if (classes !== null && !Array.isArray(classes)) throw new Unreadable(what)
    return learned as unknown as TargetTable
  },
  outputs: (schema, { columns, learned }) => replacedIn(schema, columns, (name) => namesOf(name, learned)),
  apply: (frame, use) => {
    const { columns, learned, where } = use
    const made = new Map<string, Iterable<readonly [string, Column]>>()
    for (const [i, name] of columns.entries()) {
      const { categories, encodings } = learned.columns[i] as ColumnTargets
      const places = new Map(categories.map((category, place) => [category, place]))
      const values = learned.means.map(() => new Float64Array(frame.length))
      for (const [row, cell] of frame.categories(name, where).entries()) {
        const known = encodings[places.get(cell) ?? -1] ?? learned.means
        for (const [output, column] of values.entries()) column[row] = known[output] as number
      }
      made.set(name, named(name, learned, values))
    }
    return frame.replaced(made)
  },
  applyToFitted: async (frame, use) => {
    const { columns, learned, options, where, target = '' } = use
    const labels = labelsOf(frame, target, where)
    const { outputs } = outputsOf(labels, options, where)
    const folds = await foldsOf(labels, learned, options)
    const made = new Map<string, Iterable<readonly [string, Column]>>()
    for (const [i, name] of columns.entries()) {
      const { categories } = learned.columns[i] as ColumnTargets
      const cells = frame.categories(name, where)
      const places = new Map(categories.map((category, place) => [category, place]))
      const values = outputs.map(() => new Float64Array(frame.length))
      for (const { train, test } of folds) {
        const encodings = encodingsOf(cells, categories, outputs, train, options)
        for (const row of test)
          for (const [output, column] of values.entries())
            column[row] = encodings[places.get(cells[row] as Category | null) as number]?.[output] as number
      }
      made.set(name, named(name, learned, values))
    }
    return frame.replaced(made)
  },
})

const namesOf = (name: string, { classes, means }: TargetTable): readonly string[] =>
  means.length === 1 ? [name] : (classes ?? []).map((one) => `${name}_${one}`)

const named = (
  name: string,
  learned: TargetUse['learned'],
  values: readonly Float64Array[],
): [string, Column][] =>
  namesOf(name, learned).map((one, output) => [one, numberColumn(values[output] as Float64Array)])

function labelsOf(frame: Frame, target: string, where: string): readonly Category[] {
  const labels = frame.categories(target, where)
  const missing = labels.indexOf(null)
  if (missing < 0) return labels as readonly Category[]
  throw new DataError({
    where: frame.placeOf(where, target, missing),
    expected: 'a target',
    received: 'a missing cell',
    fix: `cleaning.dropMissing('${target}') leaves such rows out of those that are fitted to.`,
  })
}

const distinct = (cells: readonly (Category | null)[]): (Category | null)[] => {
  const all = new Set(cells)
  const known = [...all].filter((cell) => cell !== null).sort(compareCategories)
  return all.has(null) ? [...known, null] : known
}

/** The target as numbers: itself, 1 for the second of two classes, or a column of ones and zeros for each of several. */
function outputsOf(
  labels: readonly Category[],
  { task = typeof labels[0] === 'number' ? 'regression' : 'classes' }: TargetEncodeOptions,
  where: string,
): { readonly classes: readonly Category[] | null; readonly outputs: readonly Float64Array[] } {
  if (task === 'regression') {
    const wrong = labels.find((label) => typeof label === 'string')
    if (wrong === undefined) return { classes: null, outputs: [Float64Array.from(labels, Number)] }
    throw new DataError({
      where,
      expected: 'a target of numbers',
      received: JSON.stringify(wrong),
      fix: "task: 'classes' takes others.",
    })
  }
  const classes = [...new Set(labels)].sort(compareCategories)
  if (classes.length < 2)
    throw new DataError({
      where,
      expected: 'a target with two classes or more',
      received: `${JSON.stringify(classes[0]) ?? 'none'} alone`,
    })
  const wanted = classes.length === 2 ? classes.slice(1) : classes
  return {
    classes,
    outputs: wanted.map((one) => Float64Array.from(labels, (label) => Number(label === one))),
  }
}

const meanOf = (values: Float64Array, rows: Uint32Array): number => {
  let sum = 0
  for (const row of rows) sum += values[row] as number
  return sum / rows.length
}

/**
 * For each category λ · mean of the category + (1 − λ) · mean of all (Micci-Barreca, "A preprocessing scheme for high-cardinality
 * categorical attributes in classification and prediction problems", 2001): with m rows of smoothing λ = n / (n + m) (equation 7),
 * and by empirical Bayes λ = σ² n / (σ² n + s² / n), where σ² is the variance of all and s² the sum of squares within the category,
 * as scikit-learn reads equations 5 and 6.
 */
function encodingsOf(
  cells: readonly (Category | null)[],
  categories: readonly (Category | null)[],
  outputs: readonly Float64Array[],
  rows: Uint32Array,
  { smooth = 'auto' }: TargetEncodeOptions,
): number[][] {
  const places = new Map(categories.map((category, place) => [category, place]))
  const placeOf = Uint32Array.from(cells, (cell) => places.get(cell) as number)
  const encodings: number[][] = categories.map(() => [])
  for (const values of outputs) {
    const mean = meanOf(values, rows)
    const counts = new Float64Array(categories.length)
    const sums = new Float64Array(categories.length)
    for (const row of rows) {
      const place = placeOf[row] as number
      counts[place] = (counts[place] as number) + 1
      sums[place] = (sums[place] as number) + (values[row] as number)
    }
    const within = new Float64Array(categories.length)
    let squares = 0
    for (const row of rows) {
      const place = placeOf[row] as number
      const value = values[row] as number
      within[place] =
        (within[place] as number) + (value - (sums[place] as number) / (counts[place] as number)) ** 2
      squares += (value - mean) ** 2
    }
    const variance = squares / rows.length
    for (const [place, row] of encodings.entries()) {
      const [count, sum] = [counts[place] as number, sums[place] as number]
      if (count === 0) row.push(mean)
      else if (smooth !== 'auto') row.push((sum + smooth * mean) / (count + smooth))
      else {
        const share = (variance * count) / (variance * count + (within[place] as number) / count)
        row.push(Number.isNaN(share) ? mean : share * (sum / count) + (1 - share) * mean)
      }
    }
  }
  return encodings
}

async function foldsOf(
  labels: readonly Category[],
  { classes }: TargetTable,
  { folds = 5, shuffle = true, seed = 0 }: TargetEncodeOptions,
): Promise<{ readonly train: Uint32Array; readonly test: Uint32Array }[]> {
  const options = { folds, shuffle, ...(shuffle && { seed }) }
  const made =
    classes === null
      ? kFold(labels.length, options)
      : stratifiedKFold(
          Int32Array.from(labels, (label) => classes.indexOf(label)),
          options,
        )
  const all: { readonly train: Uint32Array; readonly test: Uint32Array }[] = []
  for await (const fold of made) all.push(fold)
  return all
}
