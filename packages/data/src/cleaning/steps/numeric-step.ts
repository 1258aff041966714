/**
 * `cleaning/steps/`: the kinds of steps, each with what it learns, and the table of them all. A kind knows frames and statistics, and
 * nothing of recipes.
 */
import { DataError } from 'typegrad/core'
import { type Frame, numberColumn } from '../frame.ts'
import { retyped } from '../schema.ts'
import {
  columnsIn,
  defineStep,
  type Learning,
  learnsNothing,
  perColumn,
  type StepMaker,
  type Use,
} from '../step.ts'

/** Learns of the numbers of one column. */
export interface NumberLearner<L> {
  add(values: Float64Array): void
  /** How many numbers came that are not missing. */
  readonly count: number
  finish(place: string): L
}

export interface NumericDefinition<O extends object, L> {
  readonly kind: string
  readonly check: (where: string, options: unknown) => void
  /** What learns of a column; or what is known of all columns by the options alone. */
  readonly knows:
    | { readonly learner: (options: O) => NumberLearner<L> }
    | { readonly fixed: (options: O) => L }
  /** What is learned of a column, as an error says it: `a mean and a scale`. */
  readonly what: string
  readonly isLearned: (part: unknown) => part is L
  /** Refuses numbers that the step cannot take. @param place `clip (step 2): column 'age', row 3`. */
  readonly refuse?: (value: number, options: O, place: () => string) => void
  readonly apply: (value: number, learned: L, options: O) => number
  /** Absent where there is no way back, null where numbers stay as they are. */
  readonly invert: ((value: number, learned: L, options: O) => number) | null
}

/** A kind of step that turns each number of a column into another, by what it has learned of that column. Missing ones stay missing. */
export function defineNumeric<O extends object, L>(definition: NumericDefinition<O, L>): StepMaker<O> {
  const { kind, check, knows, what, isLearned, refuse, apply, invert } = definition
  const each = (
    frame: Frame,
    { where, columns, options, learned }: Use<O, readonly L[] | null>,
    change: (value: number, learned: L, options: O) => number,
    refuseHere: typeof refuse,
  ): Frame => {
    const parts = learned ?? columns.map(() => ('fixed' in knows ? knows.fixed(options) : learned) as L)
    return frame.with(
      Array.from(columnsIn(frame, { columns, learned: parts }), ([name, learned]) => {
        const values = frame.numbers(name, where)
        const changed = values.map((value, row) => {
          if (Number.isNaN(value)) return value
          refuseHere?.(value, options, () => frame.placeOf(where, name, row))
          return change(value, learned, options)
        })
        return [name, numberColumn(changed)] as const
      }),
    )
  }
  return defineStep<O, readonly L[] | null>({
    kind,
    check,
    takes: ['number', 'boolean'],
    ...('learner' in knows && {
      learn: ({ columns, options, where }): Learning<readonly L[]> => {
        const learners = columns.map(() => knows.learner(options))
        return {
          add: (frame) => {
            for (const [i, name] of columns.entries()) {
              const values = frame.numbers(name, where)
              if (refuse !== undefined)
                for (const [row, value] of values.entries())
                  if (!Number.isNaN(value)) refuse(value, options, () => frame.placeOf(where, name, row))
              learners[i]?.add(values)
            }
          },
          finish: () =>
            learners.map((one, i) => {
              if (one.count === 0) throw nothingToFit(where, columns[i] as string)
              return one.finish(`${where}: column '${columns[i]}'`)
            }),
        }
      },
    }),
    read: (learned, columns) =>
      'fixed' in knows ? learnsNothing(learned) : perColumn(learned, columns, what, isLearned),
    outputs: (schema, { columns }) => retyped(schema, columns, 'number'),
    apply: (frame, use) => each(frame, use, apply, refuse),
    invert:
      invert === null ? null : (frame, use) => each(frame, { ...use, where: 'inverse' }, invert, undefined),
  })
}

export const nothingToFit = (where: string, column: string): DataError =>
  new DataError({
    where: `${where}: column '${column}'`,
    expected: 'values to fit to',
    received: 'none: all cells are missing',
    fix: `Leave the column out before: cleaning.drop('${column}').`,
  })
