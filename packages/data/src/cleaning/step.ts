import { ArgumentError, checkOptions, DataError, FormatError } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type ColumnType, type Frame, nameOfType, type Schema } from './frame.ts'

/** What JSON keeps; NaN and the infinities are kept too, under a name. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }

/** All columns of these types, the target excepted, as they are where the step has its place. */
export interface ColumnsOfType {
  readonly type: ColumnType | readonly ColumnType[]
  /** Columns that are left out. */
  readonly except?: readonly string[]
}

/** The columns that a step works on: one, several, or all of a type. */
export type ColumnSelection = string | readonly string[] | ColumnsOfType

/** Where a step stands: who complains, and what is predicted. */
export interface StepContext {
  /** `impute (step 2)`. */
  readonly where: string
  readonly target: string | undefined
}

/** What a step is while it learns from the rows. */
export interface Learning<L> {
  add(frame: Frame): void
  finish(): L
}

/** What a fitted step is given. */
export interface Use<O, L> extends StepContext {
  readonly columns: readonly string[]
  readonly options: O
  readonly learned: L
}

/** A kind of step, in its own terms. `O`: its options; `L`: what it learns, as JSON. */
export interface StepDefinition<O extends object, L> {
  readonly kind: string
  /** Refuses options that cannot be. */
  readonly check: (where: string, options: unknown) => void
  /** What its columns may hold. Default anything. */
  readonly takes?: readonly ColumnType[]
  /** Whether columns need not be named: all of them, then. */
  readonly isOfRows?: boolean
  /** Whether it leaves out rows, which it does of those that it is fitted to, alone. */
  readonly dropsRows?: boolean
  /** Whether it looks at the target. */
  readonly readsTarget?: boolean
  /** Absent where there is nothing to learn. */
  readonly learn?: (use: Omit<Use<O, L>, 'learned'>, schema: Schema) => Learning<L>
  /** What a file keeps of it. Default all of it. */
  readonly kept?: (learned: L) => Json
  /** What `learn` gave, as it comes from a file. @throws Unreadable where it is something else. */
  readonly read: (learned: unknown, columns: readonly string[]) => L
  /** Columns behind the step. Default those before it. */
  readonly outputs?: (schema: Schema, use: Use<O, L>) => Schema
  readonly apply: (frame: Frame, use: Use<O, L>) => Frame
  /** In the place of `apply` for the rows that it is fitted to, all of them. */
  readonly applyToFitted?: (frame: Frame, use: Use<O, L>) => Frame | Promise<Frame>
  /** Back to what was; null where what comes out is of the kind that came in, such as filled or clipped numbers. */
  readonly invert?: ((frame: Frame, use: Use<O, L>) => Frame) | null
}

/** A step with its columns and options, of which nothing outside needs to know the types. */
export interface Step {
  readonly kind: string
  readonly columns: ColumnSelection | undefined
  readonly options: object
  readonly dropsRows: boolean
  readonly needsWhole: boolean
  /** @throws ArgumentError for a column that there is not; DataError for one of a type that the step does not take. */
  columnsIn(schema: Schema, context: StepContext): readonly string[]
  /** What it reads beside its columns. */
  readsAlso(context: StepContext): readonly string[]
  readonly learns: boolean
  begin(columns: readonly string[], schema: Schema, context: StepContext): Learning<FittedStep>
  restore(columns: readonly string[], learned: unknown, context: StepContext): FittedStep
}

export interface FittedStep {
  readonly step: Step
  readonly columns: readonly string[]
  readonly learned: Json
  outputs(schema: Schema): Schema
  apply(frame: Frame): Frame
  applyToFitted(frame: Frame): Frame | Promise<Frame>
  /** Undefined where there is no way back. */
  readonly invert: ((frame: Frame) => Frame) | undefined
}

/** Says that what came from a file is not what a step had learned. */
export class Unreadable extends Error {}

/** Makes steps of a kind. */
export type StepMaker<O extends object> = (columns: ColumnSelection | undefined, options: O) => Step

/** The maker of a kind of step: what the kind knows of its own types stays within. */
export function defineStep<O extends object, L>(definition: StepDefinition<O, L>): StepMaker<O> {
  const { kind, takes, isOfRows = false, learn } = definition
  return (columns, options) => {
    definition.check(`cleaning.${kind}`, options)
    checkSelection(`cleaning.${kind}`, columns, isOfRows)
    const fitted = (names: readonly string[], learned: L, context: StepContext): FittedStep => {
      const use: Use<O, L> = { ...context, columns: names, options, learned }
      const { outputs, apply, applyToFitted, invert } = definition
      return {
        step,
        columns: names,
        learned: definition.kept?.(learned) ?? (learned as Json),
        outputs: (schema) => outputs?.(schema, use) ?? schema,
        apply: (frame) => apply(frame, use),
        applyToFitted: (frame) => (applyToFitted ?? apply)(frame, use),
        invert: invert === undefined ? undefined : (frame) => (invert === null ? frame : invert(frame, use)),
      }
    }
    const step: Step = {
      kind,
      columns,
      options,
      dropsRows: definition.dropsRows ?? false,
      needsWhole: definition.applyToFitted !== undefined,
      columnsIn: (schema, context) => selected(schema, columns, takes, context),
      readsAlso: ({ target }) => (definition.readsTarget === true && target !== undefined ? [target] : []),
      learns: learn !== undefined,
      begin: (names, schema, context) => {
        const learning = learn?.({ ...context, columns: names, options }, schema)
        return {
          add: (frame) => learning?.add(frame),
          // A step that learns nothing has learned null.
          finish: () => fitted(names, learning?.finish() ?? (null as L), context),
        }
      },
      restore: (names, learned, context) => {
        try {
          return fitted(names, definition.read(learned, names), context)
        } catch (cause) {
          if (!(cause instanceof Unreadable)) throw cause
          throw new FormatError(
            {
              where: context.where,
              expected: `what the step had learned: ${cause.message}`,
              received: 'something else',
              fix: 'The file is damaged: fit the recipe again, or restore the file from a copy.',
            },
            { cause },
          )
        }
      },
    }
    return step
  }
}

/** The columns that a frame has, with what was learned of each: the target may not be there. */
export function* columnsIn<L>(
  frame: Frame,
  { columns, learned }: { readonly columns: readonly string[]; readonly learned: readonly L[] },
): Generator<readonly [name: string, learned: L], void, undefined> {
  for (const [i, name] of columns.entries()) if (frame.has(name)) yield [name, learned[i] as L]
}

const types: readonly ColumnType[] = ['number', 'boolean', 'text', 'date', 'empty', 'mixed', 'other']

function checkSelection(where: string, columns: unknown, isOfRows: boolean): void {
  if (columns === undefined && isOfRows) return
  const isName = (value: unknown): boolean => typeof value === 'string' && value !== ''
  if (isName(columns)) return
  if (Array.isArray(columns) && columns.length > 0 && columns.every(isName)) {
    const twice = columns.find((name, i) => columns.indexOf(name) !== i)
    if (twice === undefined) return
    throw new ArgumentError({ where, expected: 'each column once', received: `'${twice}' twice` })
  }
  if (typeof columns === 'object' && columns !== null && !Array.isArray(columns)) {
    checkOptions<ColumnsOfType>(where, columns, {
      type: checks.needed({
        expected: `one or several of ${types.join(', ')}`,
        accepts: (value: unknown) =>
          (Array.isArray(value) ? value : [value]).every((one) => types.includes(one as ColumnType)),
      }),
      except: checks.list,
    })
    return
  }
  throw new ArgumentError({
    where,
    expected: "a column's name, an array of names, or { type: 'number' } for all of a type",
    received:
      columns === undefined
        ? 'none'
        : Array.isArray(columns)
          ? 'an empty array, or one with no names'
          : String(columns),
  })
}

function selected(
  schema: Schema,
  columns: ColumnSelection | undefined,
  takes: readonly ColumnType[] | undefined,
  { where, target }: StepContext,
): readonly string[] {
  if (columns === undefined) return [...schema.keys()].filter((name) => name !== target)
  if (typeof columns === 'object' && 'type' in columns) {
    const { type, except = [] } = columns
    const wanted = new Set(typeof type === 'string' ? [type] : type)
    return [...schema].flatMap(([name, found]) =>
      wanted.has(found) && name !== target && !except.includes(name) ? [name] : [],
    )
  }
  const names = typeof columns === 'string' ? [columns] : columns
  for (const name of names) {
    const type = schema.get(name)
    if (type === undefined)
      throw new ArgumentError({
        where,
        expected: `one of the columns ${[...schema.keys()].join(', ')}`,
        received: `'${name}'`,
      })
    if (takes !== undefined && type !== 'empty' && !takes.includes(type))
      throw new DataError({
        where: `${where}: column '${name}'`,
        expected: takes.map((one) => nameOfType[one]).join(' or '),
        received: nameOfType[type],
        fix: `An earlier step can make another type of it: cleaning.coerce, parseNumbers or parseDates.`,
      })
  }
  return names
}

/** For a kind that learns nothing. */
export const learnsNothing = (learned: unknown): null => {
  if (learned === null) return null
  throw new Unreadable('null')
}

/** An array with a part for each column. @throws Unreadable. */
export function perColumn<T>(
  learned: unknown,
  columns: readonly string[],
  what: string,
  isPart: (part: unknown) => part is T,
): readonly T[] {
  if (Array.isArray(learned) && learned.length === columns.length && learned.every(isPart)) return learned
  throw new Unreadable(`${what} for each of ${columns.length} columns`)
}

export const isNumber = (value: unknown): value is number => typeof value === 'number'
export const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every(isNumber)
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
