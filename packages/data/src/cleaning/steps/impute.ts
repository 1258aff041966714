import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import {
  type Category,
  type Column,
  type ColumnType,
  type Frame,
  type NumberColumn,
  numberColumn,
} from '../frame.ts'
import { added } from '../schema.ts'
import { CategoryCounter } from '../statistics/category-counter.ts'
import { MomentLearner } from '../statistics/moments.ts'
import { KeptNumbers, medianOf, type QuantileMethod, quantileLearner } from '../statistics/quantiles.ts'
import { columnsIn, defineStep, isRecord, type Learning, perColumn, type Use } from '../step.ts'
import { nothingToFit } from './numeric-step.ts'

export interface ImputeOptions {
  /**
   * What fills missing cells: the mean or the median of numbers, the value that is there most often (of several, the least), or
   * `value`. Default 'mean'.
   */
  readonly strategy?: 'mean' | 'median' | 'mostFrequent' | 'constant'
  /** What fills with 'constant'. Default none: it has to be given. */
  readonly value?: Category
  /**
   * Whether a column `name_missing` tells with 1 where a cell was missing, and with 0 where it was not: for columns of which cells
   * were missing when the step was fitted, as scikit-learn's `add_indicator` does, or for `'all'`. Default false.
   */
  readonly indicator?: boolean | 'all'
  /** The median of all numbers, 8 bytes each while it is fitted, or of a sketch of bounded size, with ranks off by about 0.1 %. Default 'exact'. */
  readonly quantiles?: QuantileMethod
}

const imputeChecks = optionsOf<ImputeOptions>()({
  strategy: checks.oneOf('mean', 'median', 'mostFrequent', 'constant'),
  value: {
    expected: 'a text, a finite number, true or false',
    accepts: (value) => ['string', 'boolean'].includes(typeof value) || Number.isFinite(value),
  },
  indicator: checks.either(checks.boolean, checks.oneOf('all')),
  quantiles: checks.oneOf('exact', 'sketch'),
})

/** What is learned of a column. */
interface Filling {
  /** What its missing cells become. */
  readonly fill: Category
  /** Whether some were missing. */
  readonly hadMissing: boolean
}

type ImputeUse = Use<ImputeOptions, readonly Filling[]>

const isCategory = (value: unknown): value is Category =>
  ['string', 'number', 'boolean'].includes(typeof value)

/** Columns that get one beside them that tells where cells were missing. */
const indicated = ({ columns, options: { indicator = false }, learned }: ImputeUse): readonly string[] =>
  indicator === false ? [] : columns.filter((_, i) => indicator === 'all' || learned[i]?.hadMissing === true)

export const impute = defineStep<ImputeOptions, readonly Filling[]>({
  kind: 'impute',
  check: (where, options) => {
    checkOptions(where, options, imputeChecks)
    const { strategy, value } = options as ImputeOptions
    if ((strategy === 'constant') !== (value !== undefined))
      throw new ArgumentError({
        where: `${where}: value`,
        expected: "a value with the strategy 'constant', and none with others",
        received: value === undefined ? 'none' : `${JSON.stringify(value)} with '${strategy ?? 'mean'}'`,
      })
  },
  takes: ['number', 'boolean', 'text'],
  learn: ({ columns, options, where }, schema): Learning<readonly Filling[]> => {
    const learners = columns.map((name) => fillLearner(name, options, where, schema.get(name) ?? 'empty'))
    const hadMissing = columns.map(() => false)
    return {
      add: (frame) => {
        for (const learner of learners) learner.add(frame)
        for (const [i, name] of columns.entries()) hadMissing[i] ||= missingIn(frame, name).values.includes(1)
      },
      finish: () =>
        learners.map((learner, i) => ({ fill: learner.finish(), hadMissing: hadMissing[i] === true })),
    }
  },
  read: (learned, columns) =>
    perColumn(
      learned,
      columns,
      'what fills missing cells, and whether there were some',
      (part): part is Filling =>
        isRecord(part) && isCategory(part.fill) && typeof part.hadMissing === 'boolean',
    ),
  outputs: (schema, use) => {
    const { columns, learned } = use
    const made = new Map(schema)
    for (const [i, name] of columns.entries()) {
      if (!schema.has(name)) continue
      if (schema.get(name) === 'empty') made.set(name, typeOfCategory(learned[i]?.fill as Category))
      else if (schema.get(name) === 'boolean' && typeof learned[i]?.fill === 'number')
        made.set(name, 'number')
    }
    for (const name of indicated(use)) added(made, `${name}_missing`)
    return made
  },
  apply: (frame, use) => {
    const filled = Array.from(
      columnsIn(frame, use),
      ([name, { fill }]) => [name, filledColumn(frame, name, fill, use)] as const,
    )
    const indicators = indicated(use)
      .filter((name) => frame.has(name))
      .map((name) => [`${name}_missing`, missingIn(frame, name)] as const)
    return frame.with([...filled, ...indicators])
  },
  invert: null,
})

const typeOfCategory = (value: Category): ColumnType =>
  typeof value === 'number' ? 'number' : typeof value === 'string' ? 'text' : 'boolean'

function missingIn(frame: Frame, name: string): NumberColumn {
  const { type, values } = frame.column(name)
  return numberColumn(
    type === 'number' || type === 'date'
      ? values.map((value) => Number(Number.isNaN(value)))
      : Float64Array.from(values, (value) => Number(value === null)),
  )
}

function filledColumn(frame: Frame, name: string, value: Category, { where }: ImputeUse): Column {
  if (typeof value === 'number')
    return numberColumn(frame.numbers(name, where).map((cell) => (Number.isNaN(cell) ? value : cell)))
  const cells = frame.categories(name, where)
  const type = typeof value === 'string' ? 'text' : 'boolean'
  return { type, values: cells.map((cell) => cell ?? value) }
}

interface FillLearner {
  add(frame: Frame): void
  finish(): Category
}

function fillLearner(name: string, options: ImputeOptions, where: string, type: ColumnType): FillLearner {
  const { strategy = 'mean', value, quantiles = 'exact' } = options
  if (strategy === 'constant') {
    const constant = value as Category
    if (type === 'empty' || typeOfCategory(constant) === type)
      return { add: () => {}, finish: () => constant }
    throw new ArgumentError({
      where: `${where}: value`,
      expected: `a value of the type of column '${name}' (${type})`,
      received: JSON.stringify(constant),
    })
  }
  if (strategy === 'mostFrequent') {
    const counter = new CategoryCounter()
    return {
      add: (frame) => counter.add(frame.categories(name, where)),
      finish: () => {
        const found = counter.mostFrequent()
        if (found === undefined) throw nothingToFit(where, name)
        return found
      },
    }
  }
  if (type === 'text')
    throw new DataError({
      where: `${where}: column '${name}'`,
      expected: `numbers, for their ${strategy}`,
      received: 'text',
      fix: "strategy: 'mostFrequent' or 'constant' fills text.",
    })
  const numbers = strategy === 'mean' ? new MomentLearner() : quantileLearner(quantiles)
  return {
    add: (frame) => numbers.add(frame.numbers(name, where)),
    finish: () => {
      if (numbers.count === 0) throw nothingToFit(where, name)
      if (numbers instanceof MomentLearner) return numbers.mean
      return numbers instanceof KeptNumbers
        ? medianOf(numbers.values.toSorted())
        : (numbers.at([0.5])[0] as number)
    },
  }
}
