import type { Category, FittedRecipe } from '@typegrad/data'
import { ArgumentError } from 'typegrad/core'
import { dateColumns } from './dates-to-onnx.ts'
import { mlDomain, type OnnxBuilder } from './onnx-builder.ts'
import { columnsOfMatrix, matrixOf, type OnnxColumn, type OnnxColumns, replaced } from './onnx-columns.ts'
import { quantileShares } from './quantiles-to-onnx.ts'

/** A step as it was fitted. */
interface FittedStep {
  readonly columns: readonly string[]
  readonly options: unknown
  readonly learned: unknown
}

type StepToOnnx = (builder: OnnxBuilder, columns: OnnxColumns, step: FittedStep) => OnnxColumns

/** What `ordinal` and `oneHot` of `@typegrad/data` learn of a column. */
interface CategoryTable {
  readonly categories: readonly Category[]
  /** Places of the rare ones; that behind the last category is the missing cell's. */
  readonly rare: readonly number[]
  readonly hasMissing: boolean
}

/** Numbers changed together: the step's columns of one matrix, as far as they are there. */
function changed(
  builder: OnnxBuilder,
  columns: OnnxColumns,
  names: readonly string[],
  change: (matrix: string, names: readonly string[]) => string,
): OnnxColumns {
  const own = names.filter((name) => columns.has(name))
  if (own.length === 0) return columns
  const matrix = matrixOf(
    builder,
    own.map((name) => columns.get(name) as OnnxColumn),
  )
  return new Map([...columns, ...columnsOfMatrix(change(matrix, own), own)])
}

/** Of the columns that are there what was learned of each. */
const learnedOf = <L>({ columns, learned }: FittedStep, names: readonly string[]): L[] =>
  names.map((name) => (learned as readonly L[])[columns.indexOf(name)] as L)

/** The steps of the recipes that candidates are given. */
const steps: Readonly<Record<string, StepToOnnx>> = {
  markMissing: (builder, columns, { columns: names }) =>
    changed(builder, columns, names, (matrix) =>
      builder.op('Where', [builder.op('IsInf', [matrix]), builder.number(Number.NaN), matrix]),
    ),
  // Categories come as texts.
  coerce: (_, columns) => columns,
  dateParts: (builder, columns, { columns: names, options }) => {
    const { parts } = options as { readonly parts: readonly string[] }
    let made = columns
    for (const name of names)
      made = replaced(made, name, dateColumns(builder, name, columns.get(name) as OnnxColumn, parts))
    return made
  },
  impute: (builder, columns, step) => {
    let missing = ''
    const filled = changed(builder, columns, step.columns, (matrix, names) => {
      const fills = learnedOf<{ readonly fill: number }>(step, names).map(({ fill }) => Number(fill))
      missing = builder.op('IsNaN', [matrix])
      return builder.op('Where', [missing, builder.numbers(fills, [1, fills.length]), matrix])
    })
    const learned = step.learned as readonly { readonly hadMissing: boolean }[]
    const indicated = step.columns.filter((_, i) => learned[i]?.hadMissing === true)
    if (indicated.length === 0) return filled
    const all = columnsOfMatrix(builder.cast(missing, 'float64'), step.columns)
    return new Map([
      ...filled,
      ...all.flatMap(([name, column]): [string, OnnxColumn][] =>
        indicated.includes(name) ? [[`${name}_missing`, column]] : [],
      ),
    ])
  },
  standardize: (builder, columns, step) =>
    changed(builder, columns, step.columns, (matrix, names) => {
      const parts = learnedOf<readonly [centre: number, scale: number]>(step, names)
      const row = (of: 0 | 1): string =>
        builder.numbers(
          parts.map((part) => part[of]),
          [1, parts.length],
        )
      return builder.op('Div', [builder.op('Sub', [matrix, row(0)]), row(1)])
    }),
  quantileTransform: (builder, columns, step) =>
    changed(builder, columns, step.columns, (matrix, names) =>
      quantileShares(
        builder,
        matrix,
        learnedOf<readonly number[]>(step, names),
        (step.options as { readonly output?: 'uniform' | 'normal' }).output,
      ),
    ),
  ordinal: (builder, columns, { columns: names, learned }) => {
    const made = new Map(columns)
    for (const [i, name] of names.entries()) {
      const { frequent, rare } = parted((learned as readonly CategoryTable[])[i] as CategoryTable, name)
      const codes = new Map<string, number>(frequent.map((category, code) => [String(category), code]))
      for (const category of rare) codes.set(String(category), frequent.length)
      // What is missing and what was not there in training go the same way in a tree.
      const value = builder.cast(
        encoded(builder, columns.get(name) as OnnxColumn, codes, Number.NaN),
        'float64',
      )
      made.set(name, { kind: 'number', value, width: 1, at: 0 })
    }
    return made
  },
  oneHot: (builder, columns, { columns: names, learned }) => {
    let made = columns
    for (const [i, name] of names.entries()) {
      const table = (learned as readonly CategoryTable[])[i] as CategoryTable
      const { frequent, rare, isMissingRare } = parted(table, name)
      const hasMissingColumn = table.hasMissing && !isMissingRare
      const hot = [
        ...frequent.map((of) => `${name}_${of}`),
        ...(hasMissingColumn ? [`${name}_missing`] : []),
        ...(table.rare.length > 0 ? [`${name}_other`] : []),
      ]
      const codes = new Map<string, number>(frequent.map((category, code) => [String(category), code]))
      for (const category of rare) codes.set(String(category), hot.length - 1)
      if (table.hasMissing) codes.set('', hasMissingColumn ? frequent.length : hot.length - 1)
      const code = encoded(builder, columns.get(name) as OnnxColumn, codes, -1)
      const places = builder.integers(
        hot.map((_, place) => place),
        [1, hot.length],
      )
      const isHot = builder.op('Equal', [builder.cast(code, 'int64'), places])
      made = replaced(made, name, columnsOfMatrix(builder.cast(isHot, 'float64'), hot))
    }
    return made
  },
  dropConstant: (_, columns, { learned }) =>
    new Map([...columns].filter(([name]) => !(learned as readonly string[]).includes(name))),
}

function parted({ categories, rare }: CategoryTable, name: string) {
  if (categories.includes(''))
    throw new ArgumentError({
      where: 'toOnnx',
      expected: 'categories that are not empty: an empty text stands for a missing cell',
      received: `'${name}' with an empty text`,
      fix: 'Make empty texts missing before training.',
    })
  const areRare = new Set(rare)
  return {
    frequent: categories.filter((_, place) => !areRare.has(place)),
    rare: categories.filter((_, place) => areRare.has(place)),
    isMissingRare: areRare.has(categories.length),
  }
}

/** The numbers of texts, as float32. */
function encoded(
  builder: OnnxBuilder,
  column: OnnxColumn,
  codes: ReadonlyMap<string, number>,
  unknown: number,
): string {
  return builder.op('LabelEncoder', [matrixOf(builder, [column])], {
    domain: mlDomain,
    attributes: {
      keys_strings: { type: 'strings', value: [...codes.keys()] },
      values_floats: { type: 'floats', value: [...codes.values()] },
      default_float: { type: 'float', value: unknown },
    },
  })
}

/**
 * The columns that a recipe makes, in its order.
 *
 * @throws ArgumentError, naming step and columns, for a step that has no operators of ONNX: words of texts.
 */
export function recipeToOnnx(builder: OnnxBuilder, columns: OnnxColumns, fitted: FittedRecipe): OnnxColumns {
  let made = columns
  for (const [i, { kind, options }] of fitted.recipe.steps.entries()) {
    const { columns: names, learned } = fitted.learned[i] as Omit<FittedStep, 'options'>
    const step = Object.hasOwn(steps, kind) ? steps[kind] : undefined
    if (step === undefined)
      throw new ArgumentError({
        where: 'toOnnx',
        expected: 'columns of numbers, categories and dates',
        received: `the step '${kind}' of ${names.map((name) => `'${name}'`).join(', ')}`,
        fix: `Train without: ignore: [${names.map((name) => `'${name}'`).join(', ')}].`,
      })
    made = step(builder, made, { columns: names, options, learned })
  }
  return made
}
